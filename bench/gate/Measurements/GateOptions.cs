namespace FastTcpProxy.Gate.Measurements;

/// <summary>How much is measured. Immutable.</summary>
public sealed record GateOptions
{
    public const int ProcessesDefault = 7, ProcessesMax = 100;

    public const int RoundsDefault = 5, RoundsMax = 100;

    public const int StartsDefault = 15, StartsMax = 100;

    public const double SecondsDefault = 0.7, SecondsMin = 0.1, SecondsMax = 60;

    /// <summary>
    /// How many processes of each build there are, one after the other: <see cref="Verdicts.Judge.PairsMin"/> to
    /// <see cref="ProcessesMax"/>. They are what the statistics count: a process keeps what luck it had at its start for as long as it
    /// lives, so that rounds of one process are not independent.
    /// </summary>
    public int Processes { get; init; } = ProcessesDefault;

    /// <summary>Rounds of each process, for connections and again for round trips: 1 to <see cref="RoundsMax"/>.</summary>
    public int Rounds { get; init; } = RoundsDefault;

    /// <summary>Seconds of a round.</summary>
    public double Seconds { get; init; } = SecondsDefault;

    /// <summary>Starts of each build, in turns: <see cref="Verdicts.Judge.PairsMin"/> to <see cref="StartsMax"/>.</summary>
    public int Starts { get; init; } = StartsDefault;

    /// <summary>Whether the native binaries are built too and their sizes compared, which takes minutes.</summary>
    public bool Native { get; init; }
}
