using System.Buffers;
using System.Runtime.InteropServices;
using CommunityToolkit.HighPerformance.Buffers;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>
/// Takes the records of ended sessions from the engine's rings and writes them as lines, in batches, on its own thread: a sink that blocks
/// stops this thread only, the rings fill, and the engine counts what it drops. A sink that fails loses the batch, is counted, and is tried
/// again with the next one. It owns the thread and the buffer; the rings and the sink are the caller's.
/// </summary>
internal sealed class SessionLogWriter : IDisposable
{
    /// <summary>How long the thread sleeps when there is nothing to write: what a line may be late, and what the rings must hold.</summary>
    public static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A batch is written when it has grown to this many bytes, or when the rings are empty: what a pipe takes at once (pipe(7)).
    /// </summary>
    public const int BatchBytes = 64 * 1024;

    private readonly IReadOnlyList<SessionRecordRing> _rings;
    private readonly ISessionFormat _format;
    private readonly IByteSink _sink;
    private readonly ArrayPoolBufferWriter<byte> _batch = new(BatchBytes + 4096);
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Thread _thread;
    private bool _torn;
    private long _recordsLost;
    private string? _lastError;

    public SessionLogWriter(IReadOnlyList<SessionRecordRing> rings, ISessionFormat format, IByteSink sink,
        BackgroundWork? background = null)
    {
        _rings = rings;
        _format = format;
        _sink = sink;
        _thread = (background ?? new BackgroundWork()).Thread("session log", Run, _stopping.Wait);
    }

    /// <summary>Records that were lost because the sink failed. Any thread.</summary>
    public long RecordsLost => Volatile.Read(ref _recordsLost);

    /// <summary>What the sink said last; null while it never failed. Any thread.</summary>
    public string? LastError => Volatile.Read(ref _lastError);

    public void Start() => _thread.Start();

    /// <summary>Writes what is in the rings and ends the thread.</summary>
    /// <param name="within">How long that may take; a sink that blocks keeps what is left.</param>
    /// <returns>Whether all was written.</returns>
    public bool Stop(TimeSpan within)
    {
        _stopping.Set();
        // A start that failed elsewhere ends a writer whose thread never ran.
        return _thread.ThreadState.HasFlag(ThreadState.Unstarted) || _thread.Join(within);
    }

    /// <summary>The buffer and the event are left to a thread that still hangs in its sink.</summary>
    public void Dispose()
    {
        if (!Stop(TimeSpan.Zero)) return;
        _batch.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            // Asked before the rings: what was there when the end was asked for is written.
            bool last = _stopping.IsSet;
            bool any = false;
            foreach (SessionRecordRing ring in _rings) any |= Drain(ring);
            Flush();
            if (any) continue;
            if (last) return;
            _stopping.Wait(Nap);
        }
    }

    /// <summary>At most one ring's worth, so that each has its turn.</summary>
    private bool Drain(SessionRecordRing ring)
    {
        int count = 0;
        while (count < SessionRecordRing.Capacity && ring.TryRead(out SessionRecord record))
        {
            count++;
            Format(in record);
            if (_batch.WrittenCount >= BatchBytes) Flush();
        }
        return count > 0;
    }

    /// <summary>A record that cannot be formatted is a defect, and costs its own line only.</summary>
    private void Format(in SessionRecord record)
    {
        int before = _batch.WrittenCount;
        try
        {
            _format.Write(in record, _batch);
        }
        catch (Exception e)
        {
            // What was written of the line, if anything, is cut off by ending it here.
            if (_batch.WrittenCount > before) _batch.Write("\n"u8);
            Volatile.Write(ref _recordsLost, _recordsLost + 1);
            Volatile.Write(ref _lastError, e.Message);
        }
    }

    private void Flush()
    {
        if (_batch.WrittenCount == 0) return;
        ReadOnlySpan<byte> rest = _batch.WrittenSpan;
        int error = 0;
        // A line that broke off in a failed write must not swallow the next one.
        if (_torn) error = Math.Min(_sink.Write("\n"u8), 0);
        _torn &= error < 0;
        while (error == 0 && !rest.IsEmpty)
        {
            int written = _sink.Write(rest);
            if (written < 0) error = written;
            else rest = rest[written..];
        }
        if (error < 0) AccountLoss(rest, error);
        _batch.Clear();
    }

    private void AccountLoss(ReadOnlySpan<byte> rest, int error)
    {
        int begin = _batch.WrittenCount - rest.Length;
        if (begin > 0 && _batch.WrittenSpan[begin - 1] != (byte)'\n') _torn = true;
        // Each line ends with the only newline it has.
        Volatile.Write(ref _recordsLost, _recordsLost + rest.Count((byte)'\n'));
        Volatile.Write(ref _lastError, Marshal.GetPInvokeErrorMessage(-error));
    }
}

/// <summary>How a session's record becomes a line. Used by the one thread that writes the log.</summary>
internal interface ISessionFormat
{
    /// <summary>Writes the record as one line of UTF-8, newline included.</summary>
    void Write(in SessionRecord record, IBufferWriter<byte> output);
}

/// <summary>Where the session log goes. Used by the one thread that writes the log.</summary>
internal interface IByteSink
{
    /// <summary>Writes some of the bytes, waiting while the other side does not read.</summary>
    /// <returns>How many were written, at least one; or the negated error number (errno(3)).</returns>
    int Write(ReadOnlySpan<byte> bytes);
}
