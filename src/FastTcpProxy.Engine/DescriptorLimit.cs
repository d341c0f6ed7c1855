using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine;

/// <summary>
/// The process's limit of open descriptors (RLIMIT_NOFILE, getrlimit(2)), and how many sessions it allows. Used at the start.
/// </summary>
public static class DescriptorLimit
{
    /// <summary>RLIMIT_NOFILE of getrlimit(2), on every architecture of Linux that .NET runs on.</summary>
    public const int RlimitNoFile = 7;

    /// <summary>Descriptors that sessions leave free by default: for the runtime's threads, and for libraries.</summary>
    public const int ReservedDefault = 64;

    /// <summary>A session has two sockets.</summary>
    public const int PerSession = 2;

    /// <summary>
    /// Sockets of closed connections that a loop keeps to connect again, of both families together: a burst of ends that the next burst of
    /// connects takes up.
    /// </summary>
    internal const int RecycledPerLoopMax = 128;

    /// <summary>Raises the soft limit to the hard one. Returns both as they were, and the limit now in force.</summary>
    public static unsafe (long SoftBefore, long Hard, long Now) Raise()
    {
        ulong* limit = stackalloc ulong[2];
        if (getrlimit(RlimitNoFile, limit) != 0) return (1024, 1024, 1024);
        (ulong soft, ulong hard) = (limit[0], limit[1]);
        if (soft < hard)
        {
            limit[0] = hard;
            if (setrlimit(RlimitNoFile, limit) != 0) return (Clamp(soft), Clamp(hard), Clamp(soft));
        }
        return (Clamp(soft), Clamp(hard), Clamp(hard));
    }

    /// <summary>How many sessions the limit allows beside what is open or kept for others.</summary>
    public static int SessionCapacity(long limit, int openOrKept) =>
        (int)Math.Clamp((limit - openOrKept) / PerSession, 1, 10_000_000);

    /// <summary>
    /// How many sockets of ended connections each loop may keep for the next ones: at most a sixteenth of what sessions may have, in all.
    /// </summary>
    public static int RecycledPerLoop(int sessionCapacity, int loops) =>
        Math.Min(RecycledPerLoopMax, sessionCapacity * PerSession / 16 / loops);

    /// <summary>How many descriptors the process has open; 0 where that cannot be seen.</summary>
    public static int CountOpen()
    {
        try
        {
            return Directory.GetFileSystemEntries("/proc/self/fd").Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static long Clamp(ulong value) => value > 1_000_000_000 ? 1_000_000_000 : (long)value;

    [DllImport("libc")]
    private static extern unsafe int getrlimit(int resource, ulong* limit);

    [DllImport("libc")]
    private static extern unsafe int setrlimit(int resource, ulong* limit);
}
