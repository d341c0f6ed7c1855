using System.Globalization;
using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.Tests.Upgrade;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Faults;

/// <summary>
/// The system calls of a running process in all its threads (strace(1)), and at one of them a fault. Until it is disposed the process is
/// slower, and continues undisturbed then. One test owns it.
/// </summary>
internal sealed partial class TracedCalls : IAsyncDisposable
{
    private readonly TempFolder _folder = new("trace");
    private readonly ChildProcess _strace;

    private TracedCalls(string calls, string[] paths, int processId, CallFault? fault)
    {
        List<string> arguments = ["-f", "-o", File, "-p", processId.ToString(CultureInfo.InvariantCulture), "-e",
            $"trace={fault?.Call ?? calls}"];
        foreach (string path in paths) arguments.AddRange(["-P", path]);
        if (fault is not null) arguments.AddRange(["-e", $"inject={fault.Call}:{fault.What}:when={fault.When}"]);
        _strace = ChildProcess.Start(Strace.Program, arguments);
    }

    private string File => _folder["calls"];

    /// <param name="processId">The process.</param>
    /// <param name="calls">Which calls, as strace's trace= has it. With a fault it is that call alone.</param>
    /// <param name="paths">Only those on these files; none: on any.</param>
    /// <param name="fault">None: it only looks.</param>
    public static async Task<TracedCalls> StartAsync(int processId, string calls, string[] paths, CallFault? fault = null)
    {
        TracedCalls traced = new(calls, paths, processId, fault);
        await traced._strace.Error.WaitForLineAsync(l => l.Contains(" attached", StringComparison.Ordinal), "it is traced");
        return traced;
    }

    /// <summary>Lets the process go.</summary>
    /// <returns>What was seen, a line for each call or the end of one.</returns>
    public async Task<string[]> StopAsync()
    {
        // It lets go in an orderly way of what it holds in the middle of a call.
        _strace.Signal(UnixSignal.Terminate);
        await _strace.WaitForExitAsync();
        return await System.IO.File.ReadAllLinesAsync(File);
    }

    /// <summary>Whether the fault has happened, of one that leaves the process alive.</summary>
    public static bool HasHappened(string[] lines) => CountOf(lines) > 0;

    /// <summary>How often: strace counts the calls of each thread by itself.</summary>
    public static int CountOf(string[] lines) =>
        lines.Count(l => l.Contains("(INJECTED)", StringComparison.Ordinal) || l.Contains("(DELAYED)", StringComparison.Ordinal));

    /// <summary>
    /// Each call of the thread that has made the one that <paramref name="isKnown"/> knows, in their order, with its number among those of
    /// its name.
    /// </summary>
    public static IReadOnlyList<(string Call, int Time)> OfThread(string[] lines, Func<string, bool> isKnown)
    {
        string thread = lines.First(isKnown).Split(' ')[0];
        Dictionary<string, int> times = [];
        List<(string Call, int Time)> calls = [];
        foreach (string line in lines)
        {
            if (Begin().Match(line) is not { Success: true } begin || begin.Groups[1].Value != thread) continue;
            string call = begin.Groups[2].Value;
            calls.Add((call, times[call] = times.GetValueOrDefault(call) + 1));
        }
        return calls;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited) await StopAsync();
        _strace.Dispose();
        _folder.Dispose();
    }

    // A call that was under way when it was attached is no new one.
    [GeneratedRegex(@"^(\d+) +(?!restart_syscall)([a-z0-9_]+)\(")]
    private static partial Regex Begin();
}
