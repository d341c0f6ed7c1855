using System.Collections.Immutable;

namespace FastTcpProxy.Control.Entries;

/// <summary>Why a change was not made.</summary>
public enum EntryError
{
    None,

    /// <summary>What was wanted is wrong.</summary>
    Invalid,

    /// <summary>There is no such service or entry.</summary>
    NotFound,

    /// <summary>There are as many entries as may be.</summary>
    Full,

    /// <summary>The state directory is another process's, or cannot be read.</summary>
    NotStored,
}

/// <summary>The answer to a change. Immutable.</summary>
/// <param name="Error">None: it was made.</param>
/// <param name="Detail">What was wrong, and what to do.</param>
/// <param name="Entry">The entry after the change, or the one that was removed.</param>
public sealed record EntryOutcome(EntryError Error, string Detail = "", StoredEntry? Entry = null)
{
    /// <summary>How many entries the change concerned.</summary>
    public int Count { get; init; }
}

/// <summary>Which entries are meant. Immutable.</summary>
/// <param name="Action">Null: any.</param>
/// <param name="Service">Of this service alone; null: any.</param>
public sealed record EntryFilter(Engine.Guards.Networks.NetworkAction? Action = null, string? Service = null)
{
    internal bool Holds(EntryKey key) => (Action is null || key.Action == Action) && (Service is null || key.Service == Service);
}

/// <summary>A part of the list. Immutable.</summary>
/// <param name="Entries">By their revisions.</param>
/// <param name="Total">How many match.</param>
/// <param name="HasMore">Whether others follow the last one.</param>
/// <param name="Revision">That of the last change of all.</param>
public sealed record EntryPage(ImmutableArray<StoredEntry> Entries, int Total, bool HasMore, long Revision);

/// <summary>A change. Immutable.</summary>
/// <param name="Revision">Its number.</param>
/// <param name="Key">Which entry.</param>
/// <param name="Entry">What it has become; null: it was removed.</param>
public readonly record struct EntryChange(long Revision, EntryKey Key, StoredEntry? Entry);
