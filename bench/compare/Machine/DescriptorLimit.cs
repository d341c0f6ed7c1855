namespace FastTcpProxy.Compare.Machine;

/// <summary>The limit of open descriptors (RLIMIT_NOFILE, getrlimit(2)), which contestants and loads take on. Used at the start.</summary>
internal static unsafe class DescriptorLimit
{
    /// <summary>Contestants have descriptors beside those of connections: HAProxy reserves some for each thread.</summary>
    public const int Reserved = 200;

    /// <summary>
    /// More than any load opens without being asked to: what contestants set aside for each connection in advance is not to show.
    /// </summary>
    public const int ConnectionsEnough = 10_000;

    /// <summary>Raises the soft limit to the hard one.</summary>
    /// <returns>What is in force then.</returns>
    public static int Raise()
    {
        const int unlimited = 1_000_000;
        ulong* limit = stackalloc ulong[2];
        if (Libc.getrlimit(Libc.RlimitNoFile, limit) != 0) return 1_024;
        ulong soft = limit[0];
        limit[0] = limit[1];
        if (Libc.setrlimit(Libc.RlimitNoFile, limit) == 0) soft = limit[1];
        return (int)Math.Min(soft, unlimited);
    }

    /// <summary>The most connections that a contestant is told to take: two descriptors each.</summary>
    /// <param name="asked">Connections that the load opens at a time.</param>
    public static int ConnectionsMax(int limit, int asked) => Math.Clamp((limit - Reserved) / 2, 1, Math.Max(ConnectionsEnough, 2 * asked));
}
