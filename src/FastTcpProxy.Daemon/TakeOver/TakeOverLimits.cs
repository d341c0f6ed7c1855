namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>The limits of what the two sides of a take-over may cost each other. Immutable.</summary>
internal sealed record TakeOverLimits
{
    /// <summary>Bytes of the document: some ten thousand addresses, far above what a configuration may have in practice.</summary>
    public const int DocumentBytesMax = 1024 * 1024;

    /// <summary>Descriptors in one message: more than the kernel's SCM_MAX_FD is an error there (unix(7)).</summary>
    public const int BatchMax = 253;

    /// <summary>Descriptors of one take-over: 256 addresses on 256 loops, and what a descriptor limit of usual size allows.</summary>
    public const int DescriptorsMax = 65_536;

    /// <summary>
    /// Memories of counters: far more than the processes that a program reads, so that a later version may read more.
    /// </summary>
    public const int CountersMax = 64;

    /// <summary>Bytes of the path of a UNIX socket (unix(7)).</summary>
    public const int PathBytesMax = 107;

    /// <summary>
    /// How long no process is let in after an accept has failed: mostly no descriptor is left, and asking again at once would only spin.
    /// </summary>
    public static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    public static TakeOverLimits Default { get; } = new();

    /// <summary>The document and all descriptors, from the first byte to the last, on either side.</summary>
    public TimeSpan TransferTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// From the last descriptor to the byte that says "I serve": names are looked up and certificates read meanwhile. Then the old process
    /// continues.
    /// </summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// From a step's answer to the next step, on the old side, which then continues itself. The new process has nothing to do in between,
    /// and while the old one has stopped accepting clients wait for so long.
    /// </summary>
    public TimeSpan StepTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// From a step to its answer, on the new side, before it says that it waits. It waits on: both serve meanwhile, or it alone.
    /// </summary>
    public TimeSpan SilenceTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From the end of the connection to that of the old process, on the new side. One that is still there then continues without a word.
    /// </summary>
    public TimeSpan EndTime { get; init; } = TimeSpan.FromSeconds(5);
}
