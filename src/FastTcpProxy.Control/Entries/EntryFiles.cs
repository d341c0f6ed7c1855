using System.Buffers;
using FastTcpProxy.Control.Overrides.Storage;

namespace FastTcpProxy.Control.Entries;

/// <summary>
/// The two files of entries in the state directory: a snapshot, which is replaced as a whole, and a journal of the changes since, to which
/// lines are added. A change that is in both is read once, by its revision. Used by one thread at a time; it owns the open journal.
/// </summary>
/// <param name="directory">The state directory. Made when it is not there.</param>
internal sealed class EntryFiles(string directory) : IDisposable
{
    public const string SnapshotName = "entries.snapshot", JournalName = "entries.journal";

    private const string NewSuffix = ".new";

    private const int PieceBytes = 256 * 1024;

    private readonly string _snapshot = Path.Combine(directory, SnapshotName);
    private readonly string _journal = Path.Combine(directory, JournalName);
    private FileStream? _appending;
    // There is a part of a line at the end of the journal.
    private bool _isTorn;

    /// <summary>Of the journal.</summary>
    public long JournalBytes { get; private set; }

    /// <summary>Of the snapshot.</summary>
    public long SnapshotBytes { get; private set; }

    /// <summary>What of the files could not be used; it is left out when they are read.</summary>
    public readonly record struct Damage(string Path, int Lines, bool IsTail);

    /// <summary>Reads the changes of both files in their order.</summary>
    /// <param name="apply">Gets each.</param>
    /// <exception cref="IOException">One cannot be read; it may be whole.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public IReadOnlyList<Damage> Load(Action<EntryChange> apply)
    {
        StateDirectory.Make(directory);
        List<Damage> damages = [];
        long covered = 0;
        SnapshotBytes = Read(_snapshot, damages, change =>
        {
            if (change.Key == default) covered = change.Revision;
            apply(change);
        });
        JournalBytes = Read(_journal, damages, change =>
        {
            if (change.Revision > covered) apply(change);
        });
        _isTorn = damages.Any(d => d.Path == _journal);
        return damages;
    }

    /// <summary>Adds whole lines to the journal; they are on the disk when this returns.</summary>
    /// <exception cref="IOException">The disk fails; a part of the last line may be there.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        if (lines.IsEmpty) return;
        if (_appending is null)
        {
            bool isNew = !File.Exists(_journal);
            _appending = Open(_journal, FileMode.Append);
            if (isNew) DiskFlush.OfDirectory(directory);
        }
        // The next line is not to be taken for its rest.
        if (_isTorn) _appending.Write("\n"u8);
        _isTorn = true;
        _appending.Write(lines);
        _isTorn = false;
        DiskFlush.OfFile(_appending.SafeFileHandle, _journal);
        JournalBytes = _appending.Length;
    }

    /// <summary>
    /// Replaces the snapshot, and takes out of the journal what is in it. Wherever it is stopped, the two files have every change.
    /// </summary>
    /// <param name="entries">All there are.</param>
    /// <param name="revision">Of the last change in them.</param>
    /// <param name="covered">Bytes of the journal whose changes are in them.</param>
    /// <param name="between">Called from time to time: it may add to the journal.</param>
    public void Compact(IReadOnlyList<StoredEntry> entries, long revision, long covered, Action between)
    {
        ArrayBufferWriter<byte> piece = new(PieceBytes + EntryLimits.LineBytesMax);
        SnapshotBytes = Replace(_snapshot, file =>
        {
            EntryLine.WriteHead(piece, revision);
            foreach (StoredEntry entry in entries)
            {
                EntryLine.WriteSet(piece, entry);
                if (piece.WrittenCount < PieceBytes) continue;
                file.Write(piece.WrittenSpan);
                piece.ResetWrittenCount();
                between();
            }
            file.Write(piece.WrittenSpan);
        });
        JournalBytes = Replace(_journal, file =>
        {
            if (!File.Exists(_journal)) return;
            using FileStream old = new(_journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (covered >= old.Length) return;
            old.Position = covered;
            old.CopyTo(file);
        });
        Dispose();
    }

    /// <summary>Closes the journal; it is opened again when something is added.</summary>
    public void Dispose()
    {
        _appending?.Dispose();
        _appending = null;
    }

    private static FileStream Open(string path, FileMode mode) => new(path, new FileStreamOptions
    {
        Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private long Replace(string path, Action<FileStream> write)
    {
        string replacement = path + NewSuffix;
        StateDirectory.Make(directory);
        // A kill may have left one. It is made again, so that no link leads the content elsewhere.
        File.Delete(replacement);
        long length;
        try
        {
            using FileStream stream = Open(replacement, FileMode.CreateNew);
            write(stream);
            // Before it takes the name: else the name may be on the disk before the content is.
            DiskFlush.OfFile(stream.SafeFileHandle, replacement);
            length = stream.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A part of it would take room from a disk that may be full.
            File.Delete(replacement);
            throw;
        }
        File.Move(replacement, path, overwrite: true);
        DiskFlush.OfDirectory(directory);
        return length;
    }

    /// <returns>How many bytes the file has.</returns>
    private static long Read(string path, List<Damage> damages, Action<EntryChange> apply)
    {
        try
        {
            using FileStream file = new(path, new FileStreamOptions { Mode = FileMode.Open, Share = FileShare.ReadWrite, BufferSize = 0 });
            return Read(file, path, damages, apply);
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private static long Read(FileStream file, string path, List<Damage> damages, Action<EntryChange> apply)
    {
        byte[] buffer = new byte[PieceBytes];
        int filled = 0, wrong = 0;
        bool isWhole = true;
        for (int count = file.Read(buffer); count > 0; count = file.Read(buffer.AsSpan(filled)))
        {
            ReadOnlySpan<byte> text = buffer.AsSpan(0, filled + count);
            for (int end = text.IndexOf((byte)'\n'); end >= 0; end = text.IndexOf((byte)'\n'))
            {
                if (isWhole && EntryLine.TryRead(text[..end], out EntryChange change)) apply(change);
                else if (isWhole && end == 0) isWhole = true;
                else wrong++;
                isWhole = true;
                text = text[(end + 1)..];
            }
            // None of ours is so long: all of it up to its end is one wrong line.
            if (text.Length > EntryLimits.LineBytesMax)
            {
                isWhole = false;
                text = [];
            }
            text.CopyTo(buffer);
            filled = text.Length;
        }
        bool hasTail = filled > 0 || !isWhole;
        if (wrong > 0 || hasTail) damages.Add(new Damage(path, wrong + (hasTail ? 1 : 0), wrong == 0));
        return file.Length;
    }
}
