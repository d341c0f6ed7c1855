using System.Collections.Immutable;

namespace FastTcpProxy.Control.Entries;

/// <summary>The last changes, for those who follow. Guarded by its owner.</summary>
internal sealed class EntryChanges
{
    private readonly Queue<EntryChange> _changes = new();

    /// <summary>Changes after this revision are all here.</summary>
    private long _from;

    public void Add(EntryChange change)
    {
        if (_changes.Count == EntryLimits.ChangesMax) _from = _changes.Dequeue().Revision;
        _changes.Enqueue(change);
    }

    /// <summary>The list is another one: who follows has to read it whole.</summary>
    public void Forget(long revision)
    {
        _changes.Clear();
        _from = revision;
    }

    /// <summary>Those after a revision, the oldest first; null: some of them are not known any more, or the revision is none yet.</summary>
    /// <param name="now">The last revision.</param>
    public ImmutableArray<EntryChange>? Since(long revision, long now, int max) => revision < _from || revision > now
        ? null
        : [.. _changes.SkipWhile(c => c.Revision <= revision).Take(max)];
}
