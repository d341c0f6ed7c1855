using FastTcpProxy.Compare.Contestants;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>What a comparison is to do: the command line, checked. Immutable.</summary>
public sealed record CompareOptions
{
    public const int RoundsDefault = 7, RoundsMax = 1_000, ThreadsMax = 256, ConnectionsMax = 100_000, ConnectionsDefault = 64;

    public const double SecondsDefault = 1.2, SecondsMin = 0.05, SecondsMax = 600, WarmUpDefault = 8, RateMax = 10_000_000;

    /// <summary>The subjects without --what: those of which a cost is found, without the long ones.</summary>
    public static readonly Subject[] SubjectsDefault = [Subject.Conn, Subject.Pp, Subject.Bulk, Subject.Up, Subject.Idle];

    public Subject[] Subjects { get; init; } = SubjectsDefault;

    public ProxyMode[] Modes { get; init; } = [ProxyMode.V2];

    /// <summary>NAME and PATH of the builds; the first is the one compared with. Empty: the repository's own.</summary>
    public (string Name, string Path)[] Builds { get; init; } = [];

    /// <summary>Keys of the service of a build, by its name.</summary>
    public (string Name, string Keys)[] Keys { get; init; } = [];

    public string[] Peers { get; init; } = ContestantFinder.PeerNames;

    public int Threads { get; init; } = 1;

    public int Rounds { get; init; } = RoundsDefault;

    /// <summary>Of each measured window.</summary>
    public double Seconds { get; init; } = SecondsDefault;

    /// <summary>Seconds of load before the first round for what compiles itself while it runs.</summary>
    public double WarmUpSeconds { get; init; } = WarmUpDefault;

    /// <summary>Connections at a time of conn, pp and latency-pp.</summary>
    public int Connections { get; init; } = ConnectionsDefault;

    /// <summary>Operations a second of the latency subjects; null: half of what the slowest contestant can.</summary>
    public double? Rate { get; init; }
}
