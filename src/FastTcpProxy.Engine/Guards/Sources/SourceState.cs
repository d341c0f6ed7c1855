namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>What the limits would say of a source now. An immutable value.</summary>
public readonly record struct SourceState
{
    /// <summary>It has an entry. Otherwise it is a stranger with nothing against it.</summary>
    public bool IsKnown { get; init; }

    public int Sessions { get; init; }

    /// <summary>Connections that it may make at once, as far as the rate goes.</summary>
    public int TokensLeft { get; init; }

    /// <summary>Within the window.</summary>
    public int Refusals { get; init; }

    /// <summary>0: it is not banned.</summary>
    public long BannedUntilUs { get; init; }

    /// <summary>How often the ban has doubled, or will have at the next one.</summary>
    public int BanLevel { get; init; }

    /// <summary>It has a penalty, so it is limited together with other offenders of its network, and is not evicted.</summary>
    public bool IsOffender { get; init; }

    /// <summary>When rate and ban let it in again: now or later.</summary>
    public long RoomAtUs { get; init; }

    /// <summary>How long its sessions rest before they read from clients, in microseconds.</summary>
    public long RestFromClientUs { get; init; }

    /// <summary>How long they rest before they read for clients.</summary>
    public long RestToClientUs { get; init; }

    /// <summary>Since it last came or left, in seconds.</summary>
    public int LastSeenAgoS { get; init; }

    public SourceRank Rank { get; init; }
}

/// <summary>How full the table is.</summary>
/// <param name="Capacity">Sources that it has room for.</param>
/// <param name="Used">Entries that have a source, with those that make room for others when it is needed.</param>
/// <param name="Pinned">Those of them that make no room: they have a session, a penalty, or are vouched for.</param>
/// <param name="Bans">Sources that are banned, each scope by itself.</param>
/// <param name="Vouched">Sources that are vouched for.</param>
/// <param name="Evicted">Sources that were forgotten for others, since the start.</param>
/// <param name="OverflowSessions">Sessions of sources for which there was no room.</param>
/// <param name="OverflowAdmitted">Their clients that were let in, since the start.</param>
/// <param name="OverflowRefused">Those that were refused.</param>
public readonly record struct SourceTableCounts(int Capacity, int Used, int Pinned, int Bans, int Vouched, long Evicted,
    long OverflowSessions, long OverflowAdmitted, long OverflowRefused);
