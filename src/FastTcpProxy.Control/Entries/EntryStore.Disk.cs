using System.Buffers;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Entries;

/// <content>
/// What is on the disk. The state directory is this process's as long as it has the lock of the overrides. Changes wait in memory for the
/// next write; files are touched under <see cref="_writing"/>, and then never under the lock of the changes. Of both,
/// <see cref="_writing"/> is taken first.
/// </content>
public sealed partial class EntryStore
{
    /// <summary>The name of the work that its timer does.</summary>
    private const string WriteWork = "writer of entries";

    private readonly Lock _writing = new();
    private readonly string? _directory;
    private readonly EntryFiles? _files;
    // All below under the lock of the changes.
    private ArrayBufferWriter<byte> _pending = new();
    private bool _mustCompact;
    private bool _restored;
    private bool _released;
    private bool _hasToldNotStored;
    // Written under the lock, read by any thread.
    private volatile string? _unread;
    private volatile string? _notStored;

    /// <summary>Why nothing can be changed, or why changes are not on the disk, and what to do; null: all is well.</summary>
    public string? Trouble => _unread ?? _notStored;

    /// <summary>
    /// Puts in force what an earlier run has left. Once, after the services have their numbers and before their first clients; where
    /// another process has the directory and hands it over, after it has stopped to write (<see cref="Release"/>).
    /// </summary>
    /// <exception cref="StateUnreadableException">
    /// The files cannot be read, and another process hands the directory over: it has what they hold, and continues.
    /// </exception>
    public void Restore()
    {
        lock (_changing)
        {
            if (_restored) throw new InvalidOperationException("entries are restored once");
            _restored = true;
            _scopes = ReadScopes();
            if (_files is null) return;
            Load();
            if (_released && _unread is { } why) throw new StateUnreadableException(why);
        }
        _writer.Change(EntryLimits.WriteInterval, EntryLimits.WriteInterval);
    }

    /// <summary>
    /// The state directory belongs to another process from now on: what is not written yet is, entries stay in force, and nothing can be
    /// changed any more. Also to be called by one that takes over, before it restores, until it is the one that serves.
    /// </summary>
    public void Release()
    {
        lock (_changing)
        {
            if (_released) return;
            _released = true;
        }
        lock (_writing)
        {
            WriteNow();
            _files?.Dispose();
        }
    }

    /// <summary>The directory is this process's, now or again.</summary>
    public void Reclaim()
    {
        lock (_changing) _released = false;
    }

    public void Dispose()
    {
        _writer.Dispose();
        Release();
    }

    private void OnTimer()
    {
        if (!_writing.TryEnter()) return;
        try
        {
            _background.Guard(WriteWork, () =>
            {
                lock (_changing)
                {
                    // The clock was set: an expiry is a time of it.
                    if (_clock.TakeStep() != TimeSpan.Zero) PutInForce();
                    if (_clock.Now - _purged >= EntryLimits.PurgeInterval) Purge(_clock.Now);
                    if (_released) return;
                }
                WriteNow();
            });
        }
        finally
        {
            _writing.Exit();
        }
    }

    /// <summary>Returns when what was changed before is on the disk, or cannot be.</summary>
    private void Write()
    {
        lock (_writing)
        {
            lock (_changing)
            {
                // Then it is written already, and the files are another process's.
                if (_released) return;
            }
            WriteNow();
        }
    }

    /// <summary>Under <see cref="_writing"/>.</summary>
    private void WriteNow()
    {
        if (_files is null) return;
        StoredEntry[]? all = null;
        long revision, covered = _files.JournalBytes;
        ReadOnlyMemory<byte> lines;
        lock (_changing)
        {
            if (!_restored || _unread is not null) return;
            lines = TakePending();
            revision = _revision;
            if (_mustCompact || covered > Math.Max(EntryLimits.JournalBytesMin, _files.SnapshotBytes))
                all = [.. _entries.Values.Where(e => e.IsLive(_clock.Now))];
            _mustCompact = false;
        }
        try
        {
            if (all is null) _files.Append(lines.Span);
            else _files.Compact(all, revision, covered, () => _files.Append(TakeRest().Span));
            _notStored = null;
            _hasToldNotStored = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Perhaps there is a part of a line: the next write makes both files anew.
            _files.Dispose();
            lock (_changing) _mustCompact = true;
            _notStored = $"entries made at run time cannot be written to {_directory}: {Explain(e)}";
            if (!_hasToldNotStored) _observer.NotStored(_notStored);
            _hasToldNotStored = true;
        }
    }

    private ReadOnlyMemory<byte> TakeRest()
    {
        lock (_changing) return TakePending();
    }

    private ReadOnlyMemory<byte> TakePending()
    {
        if (_pending.WrittenCount == 0) return default;
        ReadOnlyMemory<byte> lines = _pending.WrittenMemory;
        _pending = new ArrayBufferWriter<byte>();
        return lines;
    }

    /// <summary>On the way to the disk with the next write.</summary>
    private void Record(EntryChange change)
    {
        // All of them go there then.
        if (_files is null || _mustCompact) return;
        if (_pending.WrittenCount > EntryLimits.PendingBytesMax)
        {
            _pending = new ArrayBufferWriter<byte>();
            _mustCompact = true;
            return;
        }
        if (change.Entry is { } entry) EntryLine.WriteSet(_pending, entry);
        else EntryLine.WriteRemoved(_pending, change.Key, change.Revision);
    }

    /// <summary>Why a change cannot be made; null: it can.</summary>
    private EntryOutcome? Refuse()
    {
        if (_released)
            return new EntryOutcome(EntryError.NotStored, "nothing was changed: another process takes over, or has taken over: make the "
                + "change there; while it is still starting, try again in a moment");
        ReadAgain();
        return _unread is { } why ? new EntryOutcome(EntryError.NotStored, $"nothing was changed: {why}") : null;
    }

    private void ReadAgain()
    {
        if (_unread is not null && !_released) Load();
    }

    private void Load()
    {
        string? before = _unread;
        Dictionary<EntryKey, StoredEntry> entries = [];
        long revision = 0;
        try
        {
            IReadOnlyList<EntryFiles.Damage> damages = _files!.Load(change =>
            {
                revision = Math.Max(revision, change.Revision);
                if (change.Entry is { } entry) entries[change.Key] = entry;
                else if (change.Key != default) entries.Remove(change.Key);
            });
            _unread = null;
            foreach (EntryFiles.Damage damage in damages) _observer.LinesLeftOut(damage.Path, damage.Lines, damage.IsTail);
            // Nothing may be written behind a line that is not whole.
            _mustCompact = damages.Count > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unread = $"the entries in {_directory} cannot be read: {Explain(e)}";
            if (_unread != before) _observer.NotRead(_unread);
            return;
        }
        _entries = entries;
        _purged = _clock.Now;
        foreach (EntryKey key in entries.Values.Where(e => !e.IsLive(_clock.Now)).Select(e => e.Key).ToArray()) entries.Remove(key);
        _revision = revision == 0 ? 0 : revision + EntryLimits.RevisionStep;
        _changes.Forget(_revision);
        PutInForce();
        if (entries.Count > 0) _observer.Restored(entries.Count);
    }

    private string Explain(Exception e) => StateDirectory.Explain(_directory!, e)
        ?? $"{OneLine.Escape(e.Message)}; check the disk and the permissions of {_directory}";
}
