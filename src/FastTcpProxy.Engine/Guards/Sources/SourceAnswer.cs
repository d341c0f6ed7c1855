namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>What the limits say of a client's source.</summary>
public enum SourceVerdict : byte
{
    /// <summary>It is let in, and counted.</summary>
    Admitted,

    /// <summary>It has as many sessions as it may have.</summary>
    Sessions,

    /// <summary>It connects too fast.</summary>
    Rate,

    /// <summary>It was refused so often that it is refused for a time.</summary>
    Banned,
}

/// <summary>Who goes first under pressure: the higher rank.</summary>
public enum SourceRank : byte
{
    /// <summary>Nothing is known of it.</summary>
    Stranger,

    /// <summary>A session of it was served, and its entry is still there.</summary>
    Served,

    /// <summary>An operator or a rule vouches for it (<see cref="SourceTable.Vouch"/>).</summary>
    Vouched,
}

/// <summary>
/// Where a session is counted: at its source, and at the networks whose offenders are limited together. The default value is nowhere. It is
/// given back once. An immutable value of 16 bytes.
/// </summary>
public readonly record struct SourceHandle
{
    // Places, each and one, so that the default is none.
    private readonly int _own;
    private readonly int _site;
    private readonly int _largeSite;

    internal SourceHandle(int own, int generation, int site = -1, int largeSite = -1) =>
        (_own, Generation, _site, _largeSite) = (own + 1, generation, site + 1, largeSite + 1);

    /// <summary>Whether a session is counted by it.</summary>
    public bool IsNowhere => _own == 0;

    internal int Own => _own - 1;

    internal int Generation { get; }

    /// <summary>Below 0: none. It has the session, so it is still the same network's.</summary>
    internal int Site => _site - 1;

    /// <inheritdoc cref="Site"/>
    internal int LargeSite => _largeSite - 1;

    internal SourceHandle With(int network) =>
        Site < 0 ? new SourceHandle(Own, Generation, network) : new SourceHandle(Own, Generation, Site, network);
}

/// <summary>The answer to a client that has connected.</summary>
/// <param name="Verdict">Whether it is let in, or what speaks against it.</param>
/// <param name="Handle">Where it is counted; nowhere when it is refused.</param>
/// <param name="RoomAtUs">When there is room again, by the clock of the question, after a refusal by rate or ban. Otherwise 0.</param>
/// <param name="PrefixLength">Whose limit it is: the source's own prefix length, or that of the network around it. 0 for the overflow and
/// for clients without an address.</param>
/// <param name="IsOverflow">The table had no room for it, so it is one of those that are limited as one source.</param>
/// <param name="Rank">Of a client that is admitted. The caller gives it back by <see cref="SourceTable.Cancel"/> where the process has no
/// room for its rank.</param>
public readonly record struct SourceAnswer(SourceVerdict Verdict, SourceHandle Handle, long RoomAtUs, byte PrefixLength, bool IsOverflow,
    SourceRank Rank = SourceRank.Stranger)
{
    public bool IsAdmitted => Verdict == SourceVerdict.Admitted;
}
