using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Entries;

/// <summary>The bounds of entries that are made at run time. Constants, any thread.</summary>
public static class EntryLimits
{
    /// <summary>Entries, in force or not: as many as their table can have.</summary>
    public const int EntriesMax = NetworkTable.EntriesMax;

    /// <summary>Characters of a reason.</summary>
    public const int ReasonCharsMax = 200;

    /// <summary>Characters of an author: longer than a user's name may be (useradd(8): 32), and an address.</summary>
    public const int AuthorCharsMax = 128;

    /// <summary>Changes that are kept for those who follow; who is further behind reads the whole list.</summary>
    public const int ChangesMax = 65_536;

    /// <summary>Bytes of an import: a million lines of 64.</summary>
    public const int ImportBytesMax = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes that wait to be written. A disk takes them twice a second; what is more goes to it with a snapshot, in which each entry is
    /// once.
    /// </summary>
    public const int PendingBytesMax = 8 * 1024 * 1024;

    /// <summary>Below this the journal is not compacted: a snapshot would save nothing.</summary>
    public const int JournalBytesMin = 1024 * 1024;

    /// <summary>Bytes of the longest line of the files: each character of its texts takes six at most.</summary>
    public const int LineBytesMax = 8 * 1024;

    /// <summary>
    /// By how much revisions advance with a start: more than changes can be made in the second that a kill may lose, so that no revision
    /// stands for two changes.
    /// </summary>
    public const int RevisionStep = 1 << 24;

    /// <summary>The shortest time of an entry that ends by itself.</summary>
    public static readonly TimeSpan ForMin = TimeSpan.FromSeconds(1);

    /// <summary>The longest.</summary>
    public static readonly TimeSpan ForMax = TimeSpan.FromDays(3650);

    /// <summary>How often changes are written: a process that is killed loses those of this time, and of one write.</summary>
    public static readonly TimeSpan WriteInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long entries that have expired stay in memory.</summary>
    public static readonly TimeSpan PurgeInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long changes are gathered before the sessions of denied clients are looked for.</summary>
    public static readonly TimeSpan SweepPause = TimeSpan.FromMilliseconds(20);
}
