using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Daemon.Cli.Doctor;
using FastTcpProxy.Daemon.Cli.Machine;

namespace FastTcpProxy.Daemon.Tests.Doctor;

/// <summary>What <c>doctor</c> says of upstreams that were tried. Pure.</summary>
public sealed class UpstreamFindingsTests
{
    private const string Check = ", \"healthCheck\": { \"type\": \"tcp\" }";

    private static readonly ProbeResult Good = new(null, "connected", TimeSpan.FromMilliseconds(1)),
        Silent = new(ProbeFailure.ConnectTimeout, "timed out in connect", TimeSpan.FromSeconds(5)),
        Refused = new(ProbeFailure.ConnectRefused, "connect refused", TimeSpan.Zero);

    /// <summary>
    /// Only a silent one makes clients wait, and only where no check takes it out of their way. Where no other serves, each fault is an
    /// error.
    /// </summary>
    [Theory]
    [InlineData("silent", "", true, "error", "every client waits 3 s for it")]
    [InlineData("silent", Check, true, "warning", "others of the service serve")]
    [InlineData("refused", "", true, "warning", "others of the service serve")]
    [InlineData("refused", Check, true, "warning", "others of the service serve")]
    [InlineData("silent", Check, false, "error", "no other upstream of the service serves")]
    [InlineData("refused", "", false, "error", "no other upstream of the service serves")]
    public void Connect_IsJudgedByWhatItCostsClients(string connect, string check, bool otherServes, string severity, string says)
    {
        ServiceConfiguration service = Parse(check);
        UpstreamTrial failed = new(service, service.Upstreams.Items[0], "a") { Connect = connect == "silent" ? Silent : Refused };
        failed = failed with { Check = failed.Upstream.HealthCheck is null ? null : failed.Connect };
        UpstreamTrial other = new(service, service.Upstreams.Items[1], "b") { Connect = otherServes ? Good : Refused };

        MachineFinding found = Assert.Single(UpstreamFindings.Of([failed, other], key => key),
            f => f.Place == "a" && f.Severity > MachineSeverity.Ok);

        Assert.Equal(("M601", severity), (found.Rule.Code, found.SeverityWord));
        Assert.EndsWith(says, found.Found, StringComparison.Ordinal);
    }

    /// <summary>Only a server that accepts the second connection as well has been listened to.</summary>
    [Theory]
    [InlineData(ProbeFailure.ResponseTimeout, "timed out waiting for the answer", "note", "the server was silent for 1 s")]
    [InlineData(ProbeFailure.ConnectRefused, "connect refused", "note", "with a v2 LOCAL header: connect refused")]
    [InlineData(ProbeFailure.NoLocalPort, "no local port", "note", "with a v2 LOCAL header: no local port")]
    [InlineData(ProbeFailure.TooLarge, "the first 64 KiB of the answer do not contain", "ok", "the server speaks without complaint")]
    [InlineData(ProbeFailure.Content, "the answer does not contain", "ok", "the server speaks without complaint")]
    public void Header_IsJudgedByWhatTheServerDidBehindIt(ProbeFailure failure, string text, string severity, string says)
    {
        ServiceConfiguration service = Parse("", "proxy-v2");
        UpstreamTrial trial = new(service, service.Upstreams.Items[0], "a")
        {
            Connect = Good,
            Header = new ProbeResult(failure, text, TimeSpan.Zero),
            Sent = CheckProxyHeader.V2,
        };

        MachineFinding found = Assert.Single(UpstreamFindings.Of([trial], key => key), f => f.Rule.Code == "M602");

        Assert.Equal((severity, severity == "ok"), (found.SeverityWord, found.IsKnown));
        Assert.Contains(says, found.Found, StringComparison.Ordinal);
    }

    private static ServiceConfiguration Parse(string check, string mode = "raw")
    {
        ConfigurationResult result = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes($$"""
            { "services": [{ "name": "s", "mode": "{{mode}}", "listen": ["[::]:25"], "connectTimeout": "3s", "upstreams": [
              { "name": "a", "address": "192.0.2.1:25"{{check}} }, { "name": "b", "address": "192.0.2.2:25" }] }] }
            """), "test");
        Assert.Empty(result.Errors);
        return result.Configuration!.Services[0];
    }
}
