using System.Text.Json;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary><c>events</c>, the real program against a real proxy.</summary>
public sealed class EventsCommandTests
{
    [Fact]
    public async Task List_HasTheLinesOfTheLog_AndJsonHasAnObjectOnEach()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        await bed.DoAsync("upstream disable mail primary --reason disk");

        string text = await bed.DoAsync("events --service mail");
        string json = await bed.DoAsync("events --since 10m --level info --json");

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info 1001 service mail listens on 127\.0\.0\.1:\d+\n"
            + @".*Z info 6200 change: author=""\S+"" .* service=""mail"" upstream=""primary"" result=""disabled"" reason=""disk""$", text);
        Assert.Contains(json.Split('\n'), line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt32() == 1002);
    }

    [Theory]
    [InlineData("events --service mial", 1, "there is no service mial, expected one of mail; did you mean mail?")]
    [InlineData("events --level loud", 2, "--level loud: expected debug, info, warning or error")]
    [InlineData("events --since yesterday", 2,
        "--since yesterday: expected a duration from 1ms to 30d, a whole number with its unit ms, s, m, h or d")]
    [InlineData("events --follow --limit 3", 2, "--follow and --limit exclude each other; --since says where to begin")]
    public async Task WrongLine_IsAnErrorWithWhatWasExpected(string line, int code, string error)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        ProcessResult result = await bed.RunAsync(line);

        Assert.Equal(code, result.ExitCode);
        Assert.StartsWith($"error: {error}\n", result.Error + "\n");
    }

    /// <summary>A reload is no end of the stream; a restart is, and it says so, and continues.</summary>
    [Fact]
    public async Task Follow_StaysOverAReloadAndARestart_AndEndsWithZero()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        using ChildProcess follow = ChildProcess.Start(ProxyExecutable.FilePath,
            ["events", "--follow", "--json", "--since", "1h", "--socket", bed.Socket], ProxyExecutable.Environment);
        await follow.Output.WaitForLineAsync(l => Id(l) == 1002, "it begins with what was");
        await bed.DoAsync("reload");
        await follow.Output.WaitForLineAsync(l => Id(l) == 6110, "it continues behind the reload");

        bed.Proxy.Child.Signal(UnixSignal.Terminate);
        await follow.Error.WaitForLineAsync(
            l => l == "warning: the stream ended: the process exits; connecting again until it answers", "it says so");
        await bed.Proxy.Child.WaitForExitAsync();
        using ProxyProcess next = await ProxyProcess.StartAsync(bed.Configuration());
        await follow.Error.WaitForLineAsync(
            l => l.StartsWith($"warning: connected to process {next.Child.Id}, version ", StringComparison.Ordinal), "it says which one");
        await follow.Output.WaitForLineAsync(l => Id(l) == 1000 && l.Contains($"process {next.Child.Id},"), "it has the next one's start");

        follow.Signal(UnixSignal.Interrupt);
        Assert.Equal(0, await follow.WaitForExitAsync());

        static int Id(string line) => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt32();
    }

    [Fact]
    public void Terminal_GetsDayAndAdviceOnce_AndNoLineBeyondItsEdge()
    {
        EventsText text = new();
        Screen screen = new(80, false);
        DateTime at = new(2026, 11, 29, 18, 38, 35, DateTimeKind.Utc);
        string lines = text.Lines(new EventDocument(1, at, 5001, "warning", "mail", "primary", null, 3,
                "service mail: upstream primary is down: connect refused by 192.0.2.10:25 (49.8 ms)"), screen)
            + text.Lines(new EventDocument(2, at.AddHours(6), 5001, "warning", "mail", "primary", null, 1, "a\e[2J"), screen);

        Assert.Equal(
            """
            2026-11-29 UTC
            18:38:35 warning 5001  service mail: upstream primary is down: connect refused
                                   by 192.0.2.10:25 (49.8 ms) (3 times)
                                   What to do: Look at the upstream for the reason that the
                                   text gives. New clients get the next one that is up,
                                   without delay. fasttcpproxy explain --service NAME --from
                                   ADDRESS shows what they get.
            2026-11-30 UTC
            00:38:35 warning 5001  a\u001b[2J

            """, lines);
    }
}
