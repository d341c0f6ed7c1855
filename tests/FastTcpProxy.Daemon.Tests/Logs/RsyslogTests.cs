using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Logs;

/// <summary>Both logs at a real rsyslogd, with a configuration and sockets of its own. Each test owns its processes.</summary>
public sealed class RsyslogTests
{
    [Theory]
    [InlineData("rfc5424", "syslog:{0}", false)]
    [InlineData("rfc3164", "syslog:{0}", true)]
    [InlineData("rfc5424", "syslog:{1}", false)]
    [InlineData("rfc3164", "syslog:{1}", false)]
    public async Task Rsyslog_TakesBothApart(string protocol, string target, bool isDefaultParser)
    {
        RequiresPeer.Rsyslog();
        await using LogBed bed = new();
        int port = FreePort.Loopback().Port;
        using ChildProcess server = await StartAsync(bed, port, isDefaultParser);
        string place = string.Format(System.Globalization.CultureInfo.InvariantCulture, target, bed.Folder["dev-log"], $"127.0.0.1:{port}");
        bed.Configure($$"""
            "target": "{{place}}", "facility": "local3", "syslog": "{{protocol}}", "events": { "target": "{{place}}" }
            """);
        ChildProcess proxy = await bed.StartAsync();
        await bed.VisitAsync();

        string head = $"|fasttcpproxy|{proxy.Id}|";
        bool isFull = protocol == "rfc5424";
        await WaitForLineAsync(bed, "30" + head + (isFull ? "1001|-|" : "-|-|"),
            $"1001 service mail listens on {bed.Listen}");
        await WaitForLineAsync(bed, "158" + head + (isFull ? "session|-|" : "-|-|"),
            "\"reason\":\"client.relay.ended\"}");
        Assert.DoesNotContain(" 1001 ", proxy.Error.ToString());
    }

    /// <summary>While it is away sessions wait in their rings, and events go to standard error.</summary>
    [Fact]
    public async Task Rsyslog_IsRestarted_NoSessionIsLost()
    {
        RequiresPeer.Rsyslog();
        await using LogBed bed = new();
        bed.Configure($"\"target\": \"syslog:{bed.Folder["dev-log"]}\"");
        ChildProcess server = await StartAsync(bed, FreePort.Loopback().Port, isDefaultParser: false);
        ChildProcess proxy = await bed.StartAsync();
        await bed.VisitAsync(20);
        await Eventually.EqualsAsync(20, () => Sessions(bed).Count, "they are logged");
        server.Signal(UnixSignal.Terminate);
        await server.WaitForExitAsync();
        server.Dispose();

        await bed.VisitAsync(20);
        string missed = $" warning 6222 session log: syslog at {bed.Folder["dev-log"]} cannot be reached ";
        await proxy.Error.WaitForLineAsync(l => l.Contains(missed), "it is missed");
        using ChildProcess again = await StartAsync(bed, FreePort.Loopback().Port, isDefaultParser: false);

        await Eventually.EqualsAsync(40, () => Sessions(bed).Count, "all are logged");
        await proxy.Error.WaitForLineAsync(l => l.Contains(" info 6223 "), "it is found");
        Assert.Equal(40, Sessions(bed).Distinct().Count());
    }

    private static List<string> Sessions(LogBed bed) =>
    [
        .. Lines(bed).Where(l => l.Contains("|session|", StringComparison.Ordinal)).Select(l => l.Split("\"id\":\"")[1].Split('"')[0]),
    ];

    private static string[] Lines(LogBed bed) => File.Exists(bed.Folder["out"]) ? File.ReadAllLines(bed.Folder["out"]) : [];

    private static Task WaitForLineAsync(LogBed bed, string begins, string ends) => Eventually.HoldsAsync(
        () => Lines(bed).Any(l => l.StartsWith(begins, StringComparison.Ordinal) && l.EndsWith(ends, StringComparison.Ordinal)),
        $"a line {begins}...{ends}", detail: () => string.Join('\n', Lines(bed)));

    private static async Task<ChildProcess> StartAsync(LogBed bed, int port, bool isDefaultParser)
    {
        string parser = isDefaultParser ? "" : "UseSpecialParser=\"off\" ParseHostname=\"on\"";
        string path = bed.Folder.Write("rsyslog.conf", $$"""
            global(workDirectory="{{bed.Folder.Path}}")
            module(load="imuxsock" SysSock.Use="off")
            module(load="imudp")
            input(type="imuxsock" Socket="{{bed.Folder["dev-log"]}}" {{parser}} RateLimit.Interval="0")
            input(type="imudp" address="127.0.0.1" port="{{port}}")
            template(name="parts" type="string" string="%pri%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%\n")
            action(type="omfile" file="{{bed.Folder["out"]}}" template="parts")

            """);
        ChildProcess server = ChildProcess.Start(RequiresPeer.RsyslogPath, ["-n", "-f", path, "-i", bed.Folder["rsyslog.pid"]]);
        await Eventually.HoldsAsync(() => File.Exists(bed.Folder["dev-log"]) && File.Exists(bed.Folder["rsyslog.pid"]), "rsyslogd runs",
            detail: () => server.Error.Tail());
        return server;
    }
}
