namespace FastTcpProxy.Daemon.Tests.Faults;

/// <summary>What happens to one system call. Immutable.</summary>
/// <param name="Call">Its name.</param>
/// <param name="When">Which one of a thread, as strace counts: "1" the first, "2+" the second and all after it.</param>
/// <param name="What">As strace has it: "error=EIO", "delay_enter=200ms", "signal=KILL".</param>
internal sealed record CallFault(string Call, string When, string What)
{
    public const string Killed = "signal=KILL", Delayed = "delay_enter=200ms";

    /// <summary>Whether each fault is tried; else one of some.</summary>
    public static bool RunsAll => Environment.GetEnvironmentVariable("FASTTCPPROXY_FAULTS") == "all";

    /// <summary>Those that run: one of <paramref name="part"/>, all with FASTTCPPROXY_FAULTS=all.</summary>
    public static IEnumerable<CallFault> Choose(IEnumerable<CallFault> faults, int part) =>
        RunsAll ? faults : faults.Where((_, i) => i % part == 0);

    public override string ToString() => $"{Call} {When}: {What}";
}
