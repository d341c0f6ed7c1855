using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using FastTcpProxy.Gate.Running;

namespace FastTcpProxy.Gate.Measurements;

/// <summary>
/// Counts the system calls of a running process between two moments, with strace(1). What the runtime calls for itself follows the time and
/// the machine and not the connections, and is left out: a figure that contains it is never the same twice. One thread.
/// </summary>
internal static partial class SystemCallCount
{
    /// <summary>
    /// Waiting of threads for each other, memory of the collector and the compiler, and what strace adds by interrupting a wait. A lock
    /// that is fought over in the hot path would hide among them: it shows in the cost instead. So does the number of waits: how many
    /// events one of them brings is a matter of timing.
    /// </summary>
    private static readonly HashSet<string> NotCounted =
    [
        "futex", "sched_yield", "restart_syscall", "clock_nanosleep", "nanosleep", "getrusage", "mmap", "munmap", "mprotect",
        "madvise", "brk",
        "membarrier", "rt_sigreturn", "epoll_wait", "epoll_pwait", "epoll_pwait2",
    ];

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300), EndMax = TimeSpan.FromSeconds(60);

    public static double PerConnection(int process, SerialLoad load, int connections) =>
        (double)OfTheProxy(During(process, () => load.RunConnections(connections))) / connections;

    /// <summary>The connection on which the round trips are made is open before the count begins, and still open when it ends.</summary>
    public static double PerRoundTrip(int process, SerialLoad load, int roundTrips)
    {
        IReadOnlyDictionary<string, long> calls = new Dictionary<string, long>();
        load.RunRoundTrips(roundTrips, all => calls = During(process, all));
        return (double)OfTheProxy(calls) / roundTrips;
    }

    /// <summary>Counts while the action runs.</summary>
    /// <returns>Calls by name.</returns>
    /// <exception cref="GateException">There is no strace, or it may not look into the process.</exception>
    public static IReadOnlyDictionary<string, long> During(int process, Action action)
    {
        string file = Path.GetTempFileName();
        try
        {
            using Process strace = Tool.Start("strace", ["-c", "-f", "-o", file, "-p", process.ToString(CultureInfo.InvariantCulture)]);
            Task<string> errors = strace.StandardError.ReadToEndAsync();
            // It attaches to each thread in turn, and prints a line for each; then the process needs a moment to be as it was.
            Thread.Sleep(Settle);
            if (strace.HasExited)
                throw new GateException($"strace cannot look into the proxy (is ptrace allowed here?)\n{Tool.Tail(errors.Result)}");
            action();
            _ = Kill(strace.Id, signal: 2);
            if (!strace.WaitForExit(EndMax)) throw new GateException("strace does not end");
            return Parse(File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Reads strace's table: per cent, seconds, microseconds of a call, calls, errors where there were any, name.</summary>
    /// <exception cref="GateException">It is no such table.</exception>
    public static IReadOnlyDictionary<string, long> Parse(string table)
    {
        Dictionary<string, long> calls = [];
        foreach (string line in table.Split('\n'))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length is not (5 or 6) || fields[^1] == "total" || !long.TryParse(fields[3], CultureInfo.InvariantCulture,
                out long count))
                continue;
            calls[fields[^1]] = count;
        }
        if (calls.Count == 0) throw new GateException($"strace counted nothing\n{table}");
        return calls;
    }

    /// <summary>All calls but those that follow something else than the traffic.</summary>
    public static long OfTheProxy(IReadOnlyDictionary<string, long> calls) =>
        calls.Where(c => !NotCounted.Contains(c.Key)).Sum(c => c.Value);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
