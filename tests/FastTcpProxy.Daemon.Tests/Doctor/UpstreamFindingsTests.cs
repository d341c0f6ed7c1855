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

    private static ServiceConfiguration Parse(string check)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes($$"""
            { "services": [{ "name": "s", "mode": "raw", "listen": ["[::]:25"], "connectTimeout": "3s", "upstreams": [
              { "name": "a", "address": "192.0.2.1:25"{{check}} }, { "name": "b", "address": "192.0.2.2:25" }] }] }
            """), "test");
        Assert.Empty(result.Errors);
        return result.Configuration!.Services[0];
    }
}
