using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Daemon.Cli.Doctor;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.Cli;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Doctor;

/// <summary>
/// Findings about where the proxy listens and logs, and about the one that serves: seen where the fault is. Owns its folder.
/// </summary>
public sealed class StartFindingsTests : IDisposable
{
    private static readonly DateTime Now = new(2026, 5, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly TempFolder _folder = new("start");

    [Fact]
    public void LogFile_ThatCannotBeWritten_IsAnErrorThatSaysWhy()
    {
        Assert.Equal("ok", Log("new.log").SeverityWord);
        File.WriteAllText(_folder["there.log"], "");
        Assert.Equal("ok", Log("there.log").SeverityWord);

        MachineFinding noFolder = Log("no/s.log");
        Directory.CreateDirectory(_folder["folder"]);
        MachineFinding folder = Log("folder");

        Assert.Equal(("error", "M040"), (noFolder.SeverityWord, noFolder.Rule.Code));
        Assert.Contains($"the directory {_folder["no"]} does not exist", noFolder.Found);
        Assert.Equal("error", folder.SeverityWord);
        Assert.Contains("is a directory, expected a file or nothing", folder.Found);
        Assert.False(File.Exists(_folder["new.log"]), "a check makes nothing");

        MachineFinding Log(string name) => Assert.Single(LogChecks.Find(Context($$"""
            "log": { "target": "file:{{_folder[name]}}" }
            """)), f => f.Rule == MachineRules.NoLog);
    }

    [Fact]
    public void SyslogSocket_ThatIsNotThere_IsAWarningForEachLog()
    {
        using Socket server = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(_folder["there"]));
        File.WriteAllText(_folder["file"], "");

        Assert.Equal(["ok", "warning"], Find("there", "gone"));
        Assert.Equal(["warning", "ok"], Find("file", "there"));

        IEnumerable<string> Find(string sessions, string events) => LogChecks.Find(Context($$"""
            "log": { "target": "syslog:{{_folder[sessions]}}", "events": { "target": "syslog:{{_folder[events]}}" } }
            """)).Where(f => f.Rule.Code == "M140").Select(f => f.SeverityWord);
    }

    [Theory]
    [InlineData("0", "ok")]
    [InlineData("1", "warning")]
    public void Ipv6Listener_WhereIpv6IsOff_IsAWarning(string off, string severity)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "IPv6");
        MachineContext context = Context("", listen: $"[::1]:{FreePort.Loopback().Port}") with
        {
            Files = CannedFiles.Healthy.With("/proc/sys/net/ipv6/conf/all/disable_ipv6", off),
        };

        ImmutableArray<MachineFinding> findings = [.. ListenChecks.Find(context)];

        Assert.Equal(severity == "warning", findings.Any(f => f.Rule.Code == "M105" && f.SeverityWord == severity));
        Assert.DoesNotContain(findings, f => f.SeverityWord == "error");
    }

    [Theory]
    [InlineData("127.0.0.9", "ok")]
    [InlineData("192.0.2.77", "warning")]
    public void SourceAddress_ThatThisMachineDoesNotHave_IsAWarning(string address, string severity)
    {
        MachineFinding finding = Assert.Single(
            ListenChecks.Find(Context("", service: $"\"sourceAddresses\": [\"{address}\"],")), f => f.Rule.Code == "M106");

        Assert.Equal(severity, finding.SeverityWord);
        Assert.Contains(address, finding.Found);
    }

    [Theory]
    [InlineData(2026, "ok")]
    [InlineData(2300, "warning")]
    public void Certificate_OutOfItsTime_IsAWarning(int year, string severity)
    {
        string pem = _folder.Write("admin.pem", TcpBed.MakeCertificate()), token = _folder.Write("token", "secret-0123456789/token\n");
        File.SetUnixFileMode(token, UnixFileMode.UserRead);
        File.SetUnixFileMode(pem, UnixFileMode.UserRead);
        MachineContext context = Context($$"""
            "admin": { "listen": ["{{FreePort.Loopback()}}"], "tokenFile": "{{token}}", "certFile": "{{pem}}" }
            """) with { UtcNow = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc) };

        Assert.Equal(severity, Assert.Single(ListenChecks.Find(context), f => f.Rule.Code == "M107").SeverityWord);
    }

    [Fact]
    public void ServingProxy_WithoutFault_HasNothingButOk()
    {
        string[] codes = [.. OfProxy(Healthy).Select(f => $"{f.Rule.Code} {f.SeverityWord}")];

        Assert.Equal(["M701 ok", "M702 ok", "M703 ok", "M704 ok", "M705 ok", "M706 ok"], codes);
    }

    [Fact]
    public void ServingProxy_WithFault_SaysWhatIsFound()
    {
        AssertFault(Healthy with { Trouble = ["listener x is lost"] }, "M702", "error", "listener x is lost");
        AssertFault(Healthy with { Ready = false, NotReady = ["service web: no upstream serves"], Readiness = "notReady" }, "M703", "error",
            "not ready: service web: no upstream serves");
        AssertFault(Healthy with { Readiness = "degraded", Degraded = ["service web"] }, "M703", "error", "degraded: service web");
        AssertFault(Healthy with { Config = GivenDocuments.Status.Config }, "M704", "warning", "by SIGHUP: /etc/fasttcpproxy.json:3:5: ");
        AssertFault(Healthy with { Generations = [new GenerationDocument(4711, "/a", 12, Now.AddHours(-23))] }, "M705", "note",
            "1 process drains, the oldest (4711) since its start on 2026-04-30 01:00:00 UTC, with 12 sessions");
        AssertFault(Healthy with { Generations = [new GenerationDocument(4711, "/a", 12, Now.AddHours(-25))] }, "M705", "warning",
            "1 process drains");
        AssertFault(Healthy with { LoopLagMs = new QuantilesDocument(5, 200) }, "M706", "warning", "up to 200 ms late");
        AssertFault(Healthy with { LoopLagMs = new QuantilesDocument(5, null) }, "M706", "warning", "up to 30 s or more late");
    }

    public void Dispose() => _folder.Dispose();

    private static StatusDocument Healthy { get; } = GivenDocuments.Status with
    {
        Ready = true, NotReady = [], Config = GivenDocuments.Status.Config with { LastFailure = null }, Generations = [],
        LoopLagMs = new QuantilesDocument(0.5, 100),
    };

    private static void AssertFault(StatusDocument status, string code, string severity, string found)
    {
        MachineFinding finding = Assert.Single(OfProxy(status), f => f.Severity != MachineSeverity.Ok);
        Assert.Equal((code, severity), (finding.Rule.Code, finding.SeverityWord));
        Assert.Contains(found, finding.Found);
        Assert.NotEmpty(finding.Change);
        Assert.True(finding.Severity <= finding.Rule.Worst, $"{code} is {finding.SeverityWord}, the table says {finding.Rule.Worst}");
    }

    private static IEnumerable<MachineFinding> OfProxy(StatusDocument status) =>
        ProxyFindings.Of(Context("") with { Serving = new ServingProxy(status), UtcNow = Now });

    private static MachineContext Context(string root, string? listen = null, string service = "")
    {
        byte[] text = Encoding.UTF8.GetBytes($$"""
            { "services": [{ "name": "s", "mode": "raw", "listen": ["{{listen ?? FreePort.Loopback().ToString()}}"], {{service}}
                "upstreams": [{ "address": "127.0.0.1:1" }] }],
              {{root}} }
            """);
        ConfigurationResult result = ConfigurationLoader.Parse(text, "proxy.json");
        Assert.Empty(result.Errors);
        return new MachineContext(result.Configuration!, text, "proxy.json") { Files = CannedFiles.Healthy, Open = 100, UtcNow = Now };
    }
}
