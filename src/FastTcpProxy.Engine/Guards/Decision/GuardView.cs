using System.Collections.Immutable;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Guards.Decision;

/// <summary>What the guards of a service say of a client that might come. Immutable.</summary>
/// <param name="Policy">What the service goes by.</param>
/// <param name="Listed">What the entries say.</param>
/// <param name="Entries">Those whose networks contain the address, of the configuration and of operators.</param>
/// <param name="Key">Its source.</param>
/// <param name="Source">How much the source has; null where nothing limits it.</param>
/// <param name="NowUs">When it was looked at.</param>
public sealed record GuardView(GuardPolicy Policy, NetworkVerdict Listed, ImmutableArray<GuardEntry> Entries, SourceKey Key,
    SourceState? Source, long NowUs)
{
    /// <summary>When all clients together may make another connection; 0: now.</summary>
    public long TotalRoomInUs { get; init; }

    /// <summary>Sessions that wait for an upstream.</summary>
    public int PendingConnects { get; init; }

    /// <summary>The entry that decides; null: none does.</summary>
    public GuardEntry? Decisive => Listed == NetworkVerdict.None ? null : Entries.Where(e =>
        (e.Entry.Action == NetworkAction.Allow) == (Listed == NetworkVerdict.Allowed)).MaxBy(e => e.Entry.Network.PrefixLength);

    /// <summary>What the limits would say of the source.</summary>
    public SourceVerdict SourceVerdict => Source switch
    {
        null => SourceVerdict.Admitted,
        { BannedUntilUs: > 0 } => SourceVerdict.Banned,
        { } known when Policy.PerSource.SessionsMax > 0 && known.Sessions >= Policy.PerSource.SessionsMax => SourceVerdict.Sessions,
        { } known => known.RoomAtUs > NowUs ? SourceVerdict.Rate : SourceVerdict.Admitted,
    };

    /// <summary>The facts with those of the guards.</summary>
    public AdmissionFacts Add(in AdmissionFacts facts) => facts with
    {
        Listed = Listed,
        ServesUnlisted = Policy.ServesUnlisted,
        Source = SourceVerdict,
        TotalHasRoom = TotalRoomInUs == 0,
        ConnectsHaveRoom = Policy.Total.PendingConnectsMax == 0 || PendingConnects < Policy.Total.PendingConnectsMax,
    };
}

/// <summary>An entry, and where it was written. Immutable.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Origin">Of the configuration; null: it was made at run time, and its number says more.</param>
public sealed record GuardEntry(NetworkEntry Entry, string? Origin);
