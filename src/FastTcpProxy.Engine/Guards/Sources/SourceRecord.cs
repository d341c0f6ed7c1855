namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// A source as it goes over to another process or to the disk. Its times are relative to the moment at which it was read, so that they mean
/// the same by another clock. An immutable value.
/// </summary>
/// <param name="Key">Whose it is. The overflow of each scope that has been used has one too.</param>
/// <param name="Sessions">Its sessions then. <see cref="SourceTable.Restore"/> does not count them: who owns them does, by
/// <see cref="SourceTable.Adopt"/>.</param>
/// <param name="FullInUs">Until its bucket is full, in microseconds; 0: it is.</param>
/// <param name="Refusals">In its window.</param>
/// <param name="IsBan">Whether it is, or was at last, banned.</param>
/// <param name="Level">How often the ban has doubled, or will have at the next one.</param>
/// <param name="PenaltyInMs">A ban: until it ends; below 0: it has ended since. Otherwise since when the window is open, below 0.</param>
/// <param name="PenaltyEndInMs">Until nothing is held against it any more; 0: nothing is.</param>
/// <param name="LastSeenAgoS">Since it last came or left, in seconds.</param>
/// <param name="WasServed">A session of it has ended.</param>
public readonly record struct SourceRecord(SourceKey Key, int Sessions, long FullInUs, int Refusals, bool IsBan, int Level,
    long PenaltyInMs, long PenaltyEndInMs, int LastSeenAgoS, bool WasServed);

/// <summary>What the limits would say of a source now.</summary>
/// <param name="IsKnown">It has an entry. Otherwise it is a stranger with nothing against it.</param>
/// <param name="Sessions">That it has.</param>
/// <param name="TokensLeft">Connections that it may make at once, as far as the rate goes.</param>
/// <param name="Refusals">Within the window.</param>
/// <param name="BannedUntilUs">0: it is not banned.</param>
/// <param name="BanLevel">How often the ban has doubled, or will have at the next one.</param>
/// <param name="IsOffender">It has a penalty, so it is limited together with other offenders of its network, and is not evicted.</param>
/// <param name="RoomAtUs">When rate and ban let it in again: now or later.</param>
/// <param name="LastSeenAgoS">Since it last came or left, in seconds.</param>
/// <param name="WasServed">A session of it has ended.</param>
public readonly record struct SourceState(bool IsKnown, int Sessions, int TokensLeft, int Refusals, long BannedUntilUs, int BanLevel,
    bool IsOffender, long RoomAtUs, int LastSeenAgoS, bool WasServed);

/// <summary>How full the table is.</summary>
/// <param name="Capacity">Sources that it has room for.</param>
/// <param name="Used">Entries that have a source, with those that make room for others when it is needed.</param>
/// <param name="Evicted">Sources that were forgotten for others.</param>
/// <param name="OverflowSessions">Sessions of sources for which there was no room.</param>
/// <param name="OverflowAdmitted">Their clients that were let in, since the start.</param>
/// <param name="OverflowRefused">Those that were refused.</param>
public readonly record struct SourceTableCounts(
    int Capacity, int Used, long Evicted, long OverflowSessions, long OverflowAdmitted, long OverflowRefused);
