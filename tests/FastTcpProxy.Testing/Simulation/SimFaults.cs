namespace FastTcpProxy.Testing.Simulation;

/// <summary>How often the simulated transport does what is rare on a real one; a probability for each operation. Immutable.</summary>
internal sealed record SimFaults
{
    /// <summary>Nothing rare happens: all that can complete at once does, and moves whole.</summary>
    public static SimFaults None { get; } = new();

    /// <summary>A wait or a send that could complete at once completes later.</summary>
    public double LateCompletion { get; init; }

    /// <summary>A receive brings less than there is.</summary>
    public double PartialReceive { get; init; }

    /// <summary>A send takes less than there is room for.</summary>
    public double PartialSend { get; init; }

    /// <summary>A send finds no room although there is some.</summary>
    public double SendBlocks { get; init; }

    /// <summary>
    /// A splice moves nothing and says "nothing is there", or "the end", whatever there is: as at the mark of urgent data.
    /// </summary>
    public double SpliceGivesNothing { get; init; }

    /// <summary>A splice to a target that has room moves nothing, and says 0.</summary>
    public double SpliceTakesNothing { get; init; }

    /// <summary>A wait says that there is something to read although there is nothing.</summary>
    public double FalseReadiness { get; init; }

    /// <summary>A wait ends as if there were something to read, and the receive after it tells the error.</summary>
    public double ErrorLeftToReceive { get; init; }

    /// <summary>No wait for readability can begin: the machine has no memory for it.</summary>
    public bool NoMemoryToWait { get; init; }

    /// <summary>A reset overtakes bytes that are on their way.</summary>
    public double ResetDropsBytes { get; init; } = 0.5;

    /// <summary>There is no pipe for a move.</summary>
    public double PipeMissing { get; init; }

    /// <summary>A splice is refused, as by a kernel that does not know it, and so is every later one.</summary>
    public double SpliceRefused { get; init; }

    /// <summary>In a tick's time the process is stopped, for up to <see cref="PauseMaxMs"/>; the kernel and the peers continue.</summary>
    public double Pause { get; init; }

    /// <summary>The longest pause, in milliseconds.</summary>
    public int PauseMaxMs { get; init; } = 5_000;

    /// <summary>An accept fails for the one connection.</summary>
    public double AcceptFails { get; init; }

    /// <summary>The longest time between an event and the completion that reports it, in microseconds.</summary>
    public int CompletionDelayMaxUs { get; init; }

    /// <summary>The longest way of a segment, in microseconds.</summary>
    public int LatencyMaxUs { get; init; }
}
