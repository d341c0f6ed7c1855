using System.Diagnostics;
using System.Net;
using System.Text.Json;
using FastTcpProxy.Daemon.Cli.Doctor;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Doctor;

/// <summary>
/// <c>doctor</c> from outside: real upstreams, a real proxy, and settings of the kernel in namespaces. Each test owns its folder.
/// </summary>
public sealed class DoctorTests : IDisposable
{
    /// <summary>A start of the program on a busy machine.</summary>
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(10);

    private readonly TempFolder _folder = new("doctor");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Upstreams_OfEachKind_AreToldApart()
    {
        RequiresPeer.Nginx();
        RequiresPeer.HAProxy();
        using NginxReceiver reads = await NginxReceiver.StartAsync();
        using HAProxyReceiver haproxy = await HAProxyReceiver.StartAsync();
        IPEndPoint plainAddress = FreePort.Loopback();
        using PeerProcess plain = await NginxProcess.StartAsync(new TempFolder("nginx"),
            $"server {{ listen {plainAddress}; location / {{ return 200; }} }}", plainAddress);
        await using EchoUpstream echo = new();
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        string text = $$"""
            { "services": [
              { "name": "good", "listen": ["{{FreePort.Loopback()}}"], "mode": "proxy-v2", "connectTimeout": "1s", "upstreams": [
                { "name": "checked", "address": "{{reads.EndPoint}}",
                  "healthCheck": { "url": "http://{{reads.EndPoint}}/", "expect": { "failStatus": ["400-599"] } } },
                { "name": "haproxy", "address": "{{haproxy.EndPoint}}" },
                { "name": "silent", "address": "{{silent.EndPoint}}" },
                { "name": "refusing", "address": "127.0.0.1:1" } ] },
              { "name": "bad", "listen": ["{{FreePort.Loopback()}}"], "mode": "proxy-v2", "upstreams": [
                { "name": "plain", "address": "{{plainAddress}}" } ] },
              { "name": "raw", "listen": ["{{FreePort.Loopback()}}"], "mode": "raw", "upstreams": [
                { "name": "echo", "address": "{{echo.EndPoint}}" },
                { "name": "off", "address": "127.0.0.1:2", "enabled": false } ] } ] }
            """;

        Finding[] found = await ExamineAsync(text, "--send-header");

        Is("M601", "good/checked", "ok", "connected in ");
        Is("M602", "good/checked", "ok", "its check passes behind the header");
        Is("M603", "good/checked", "ok", "status 200");
        Is("M602", "good/haproxy", "note", "behind a v2 header with addresses the server was silent");
        Is("M601", "good/silent", "error", "every client waits 1 s for it");
        Is("M601", "good/refusing", "warning", "connect refused by 127.0.0.1:1; others of the service serve");
        Is("M602", "bad/plain", "error", "400 Bad Request");
        Is("M601", "raw/echo", "ok", "connected in ");
        Is("M601", "raw/off", "note", "it is not enabled");
        Assert.DoesNotContain(found, f => f.Code == "M602" && f.Found.Contains("raw/"));

        void Is(string code, string upstream, string severity, string says)
        {
            Finding finding = Assert.Single(found, f => f.Code == code && f.Found.Contains(upstream + " (", StringComparison.Ordinal));
            Assert.Equal(severity, finding.Severity);
            Assert.Contains(says, finding.Found);
        }
    }

    /// <summary>Without the option, no client is named to a server to which no check names one.</summary>
    [Theory]
    [InlineData("proxy-v2", "", 0)]
    [InlineData("proxy-v2", "--send-header", 1)]
    [InlineData("proxy-v1", "", 0)]
    [InlineData("proxy-v1", "--send-header", 2)]
    public async Task Header_WithAddresses_IsSentOnRequest(string mode, string option, int named)
    {
        await using HeaderUpstream upstream = new();

        Finding[] found = await ExamineAsync(Configuration(mode, upstream.EndPoint), option);

        ReceivedHeader[] headers = await upstream.AllHeadersAsync();
        // A probe that the process had no processor for is made once more.
        Assert.InRange(headers.Count(h => h.Bytes[0] == 'P' || (h.Bytes[12] & 0xF) == 1), named, 2 * named);
        Assert.Contains(found, f => f.Code == "M602" && !f.Known);
    }

    [Fact]
    public async Task Proxy_ThatServes_IsAskedAndNoFault()
    {
        await using EchoUpstream upstream = new();
        string text = Configuration("raw", upstream.EndPoint, Admin);
        using ProxyProcess proxy = await StartProxyAsync(text);

        // On a machine that is busy enough, the answer comes later than doctor waits for it.
        Finding[] found = [];
        await Eventually.HoldsAsync(async () => !(found = await ExamineAsync(text)).Any(f => f.Code == "M701"
            && f.Found.Contains("no answer", StringComparison.Ordinal)), "the proxy answers doctor");

        Assert.Empty(Errors(found));
        Assert.Contains(found, f => f.Code == "M701" && f.Severity == "ok" && f.Found.StartsWith($"process {proxy.Child.Id} answers"));
        Assert.Contains(found, f => f.Code == "M703" && f.Severity == "ok");
        Assert.Contains(found, f => f.Code == "M004" && f.Found.Contains($"for the serving process {proxy.Child.Id}"));
    }

    /// <summary>It cannot say what it listens on, but the kernel does.</summary>
    [Fact]
    public async Task Proxy_ThatDoesNotAnswer_IsNoForeignProcessAtItsAddresses()
    {
        await using EchoUpstream echo = new();
        string text = Configuration("raw", echo.EndPoint, Admin);
        using ProxyProcess proxy = await StartProxyAsync(text);
        proxy.Child.Signal(UnixSignal.Stop);

        Finding[] found = await ExamineAsync(text);
        proxy.Child.Signal(UnixSignal.Continue);

        Assert.Contains(found, f => f.Code == "M701" && f.Severity == "warning" && f.Found.Contains("no answer"));
        Assert.Empty(Errors(found));
        Assert.Equal(2, found.Count(f => f.Severity == "note"
            && f.Found.Contains($"is in use by the proxy that serves here (process {proxy.Child.Id})")));
    }

    /// <summary>A proxy and an upstream that are stopped: both accept, and neither says anything.</summary>
    [Fact]
    public async Task Processes_Stopped_AreWaitedForWithinTheBound()
    {
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await StartProxyAsync(Configuration("raw", echo.EndPoint, Admin, listen: listen));
        string check = $", \"healthCheck\": {{ \"url\": \"http://{listen}/\" }}";
        string asked = Configuration("proxy-v2", listen, Admin, check);
        proxy.Child.Signal(UnixSignal.Stop);
        long start = Stopwatch.GetTimestamp();

        Finding[] found = await ExamineAsync(asked);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        proxy.Child.Signal(UnixSignal.Continue);

        Assert.Contains(found, f => f.Code == "M701" && f.Severity == "warning" && f.Found.Contains("no answer"));
        Assert.Contains(found, f => f.Code == "M603" && f.Severity == "error" && f.Found.Contains("timed out waiting for the answer"));
        Assert.True(took < Examination.Within + Start, $"it took {took}");
    }

    [Fact]
    public async Task Machine_SettingsOfItsNetwork_AreFoundAndChangedAsPrinted()
    {
        RequiresPeer.OwnNetwork();
        string path = _folder.Write("proxy.json", Configuration("raw", new IPEndPoint(IPAddress.Loopback, 1)));
        string doctor = $"'{ProxyExecutable.FilePath}' doctor --json --config '{path}'";

        ProcessResult result = await ChildProcess.RunAsync("/usr/bin/unshare", ["--net", "--mount", "/bin/sh", "-c",
            $"ip link set lo up; sysctl -qw net.core.somaxconn=100 net.ipv4.tcp_syncookies=0 net.ipv4.tcp_tw_reuse=0; {doctor}; "
            + $"sysctl -qw net.core.somaxconn=4096; sysctl -qw net.ipv4.tcp_syncookies=1; sysctl -qw net.ipv4.tcp_tw_reuse=2; "
            + $"echo ----; {doctor}"], environment: ProxyExecutable.Environment);

        string[] runs = result.Output.Split("----\n");
        Finding[] before = Parse(runs[0]), after = Parse(runs[1]);
        foreach ((string code, string severity) in new[] { ("M104", "warning"), ("M302", "warning"), ("M304", "note") })
        {
            Assert.Equal(severity, Assert.Single(before, f => f.Code == code).Severity);
            Assert.Equal("ok", Assert.Single(after, f => f.Code == code).Severity);
        }
    }

    [Fact]
    public async Task Machine_WithoutFilesOfTheKernel_IsNotKnownAndNoCrash()
    {
        RequiresPeer.OwnNetwork();
        await using EchoUpstream upstream = new();
        string path = _folder.Write("proxy.json", Configuration("raw", upstream.EndPoint));

        ProcessResult result = await ChildProcess.RunAsync("/usr/bin/unshare", ["--mount", "/bin/sh", "-c",
            "mount -t tmpfs none /proc/sys && mount -t tmpfs none /sys && exec \"$0\" \"$@\"", ProxyExecutable.FilePath, "doctor", "--json",
            "--config", path], environment: ProxyExecutable.Environment);

        Finding[] found = Parse(result.Output);
        Assert.Empty(Errors(found));
        Assert.Contains(found, f => f is { Code: "M104", Severity: "note", Known: false });
        Assert.Contains(found, f => f is { Code: "M401", Severity: "note", Known: false });
    }

    [Fact]
    public async Task Text_OnATerminal_FitsItAndBeginsWithTheWorst()
    {
        string path = _folder.Write("proxy.json", Configuration("raw", new IPEndPoint(IPAddress.Loopback, 1)));
        Dictionary<string, string?> environment = new(ProxyExecutable.Environment) { ["TERM"] = "dumb" };

        ProcessResult result = await ChildProcess.RunAsync("script",
            ["-qec", $"cd '{_folder.Path}'; stty cols 80; '{ProxyExecutable.FilePath}' doctor --config proxy.json", "/dev/null"],
            environment: environment);

        string[] lines = result.Output.Replace("\r", "", StringComparison.Ordinal).Split('\n');
        Assert.StartsWith("error M601: connect to each upstream", lines[0]);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        Assert.DoesNotContain(lines, line => line.StartsWith("ok ", StringComparison.Ordinal));
        Assert.Matches(@"^\d+ errors?, \d+ warnings?, \d+ notes?; \d+ ok \(--all lists them\)$", lines.Last(l => l.Length > 0));
    }

    [Fact]
    public async Task File_Faulty_IsReportedAsByCheck()
    {
        string path = _folder.Write("proxy.json", "{}");

        ProcessResult result = await ProxyExecutable.RunAsync(["doctor", "--config", path]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(": error C", result.Error);
    }

    private string Admin => $", \"admin\": {{ \"socket\": \"{_folder["admin.sock"]}\" }}";

    private static string Configuration(string mode, IPEndPoint upstream, string admin = "", string check = "",
        IPEndPoint? listen = null) => $$"""
        { "services": [{ "name": "s", "listen": ["{{listen ?? FreePort.Loopback()}}"], "mode": "{{mode}}", "upstreams": [
          { "name": "u", "address": "{{upstream}}"{{check}} }] }]{{admin}} }
        """;

    /// <summary>It is ready a moment before its administrative interface listens.</summary>
    private async Task<ProxyProcess> StartProxyAsync(string text)
    {
        ProxyProcess proxy = await ProxyProcess.StartAsync(text);
        await ServedSocket.AwaitAsync(_folder["admin.sock"], "the proxy answers operators", () => proxy.Child.Error.Tail());
        return proxy;
    }

    private async Task<Finding[]> ExamineAsync(string text, string option = "")
    {
        string path = _folder.Write("proxy.json", text);
        ProcessResult result = await ProxyExecutable.RunAsync(["doctor", "--json", "--config", path,
            .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)], within: Examination.Within + Deadline.Patient);
        Assert.True(result.Output.Length > 0, result.Error);
        Finding[] found = Parse(result.Output);
        Assert.Equal(found.Any(f => f.Severity == "error") ? 1 : 0, result.ExitCode);
        return found;
    }

    /// <summary>Without M310: the kernel counts drops at full accept queues for all listeners, and other tests fill theirs.</summary>
    private static IEnumerable<Finding> Errors(Finding[] found) => found.Where(f => f.Severity == "error" && f.Code != "M310");

    private static Finding[] Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("findings").EnumerateArray().Select(f => new Finding(
            f.GetProperty("code").GetString()!, f.GetProperty("severity").GetString()!, f.GetProperty("known").GetBoolean(),
            f.GetProperty("found").GetString()!))];
    }

    private sealed record Finding(string Code, string Severity, bool Known, string Found);
}
