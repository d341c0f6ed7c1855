using System.Diagnostics;
using System.Globalization;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// Faults in system calls of a real process (strace(1), --inject): each kind of call, at its first, second, ... time in a thread.
/// Stateless.
/// </summary>
internal static class Strace
{
    public const string Program = "/usr/bin/strace";

    public static void SkipUnlessUsable() =>
        Assert.SkipUnless(File.Exists(Program) && Environment.IsPrivilegedProcess, "strace, and root for it to be let");

    /// <summary>
    /// A command that runs under it, as the process that was started: the tracer is a process of its own. A fault meets each thread that
    /// makes so many calls, whatever they are for, until <see cref="LetGoAsync"/>.
    /// </summary>
    /// <param name="call">The system call.</param>
    /// <param name="fault">As --inject has it: "signal=KILL", "error=EIO", "delay_enter=300ms".</param>
    /// <param name="time">At which call of a thread: the first is 1.</param>
    public static string[] Command(string call, string fault, int time, params string[] command) =>
        [Program, "-D", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", Inject(call, fault, time), "--", .. command];

    /// <summary>Traces the take-over's thread of a running process, which is alone in having these faults. Disposed, it lets go.</summary>
    public static Task<ChildProcess> AttachAsync(int processId, string call, string fault, int time) =>
        AttachAsync(processId, call, fault, time.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same with more than one call: "2+", "1..6".</summary>
    public static async Task<ChildProcess> AttachAsync(int processId, string call, string fault, string when)
    {
        ChildProcess strace = ChildProcess.Start(Program,
            ["-o", "/dev/null", "-p", await ThreadOfAsync(processId), "-e", $"trace={call}", "-e", $"inject={call}:{fault}:when={when}"]);
        await strace.Error.WaitForLineAsync(l => l.Contains(" attached", StringComparison.Ordinal), "it is attached");
        return strace;
    }

    /// <summary>Ends the tracing of a process, if there is one: from here on it has no faults.</summary>
    public static async Task LetGoAsync(int processId)
    {
        if (TracerOf(processId) is not (> 0 and int tracer)) return;
        using (Process strace = Process.GetProcessById(tracer)) strace.Kill();
        await Eventually.HoldsAsync(() => TracerOf(processId) == 0, "it is not traced any more");
    }

    /// <summary>0: none.</summary>
    private static int TracerOf(int processId) =>
        int.Parse(File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status"))
            .First(l => l.StartsWith("TracerPid:", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture);

    private static string Inject(string call, string fault, int time) =>
        string.Create(CultureInfo.InvariantCulture, $"inject={call}:{fault}:when={time}");

    /// <summary>A thread has its program's name until it gives itself its own.</summary>
    private static async Task<string> ThreadOfAsync(int processId)
    {
        string? task = null;
        await Eventually.HoldsAsync(
            () => (task = Array.Find(Directory.GetDirectories($"/proc/{processId}/task"), t => NameOf(t) == "take-over")) is not null,
            "the take-over's thread has begun");
        return Path.GetFileName(task!);
    }

    private static string? NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).Trim();
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return null;
        }
    }
}
