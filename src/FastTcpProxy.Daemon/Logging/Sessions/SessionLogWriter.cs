using System.Buffers;
using System.Runtime.InteropServices;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>
/// Takes the records of ended sessions from the engine's rings and writes them as lines, in batches, on its own thread: a sink that blocks
/// stops this thread only, the rings fill, and the engine counts what it drops. A sink that fails loses the batch, is counted, and is tried
/// again with the next one. It owns the thread, the buffer and the route; the rings are the caller's.
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
    private SessionLogRoute _route;
    private SessionLogRoute? _next;
    private TaskCompletionSource<ReopenOutcome>? _reopen;
    private readonly ArrayBufferWriter<byte> _batch = new(BatchBytes + 4096);
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Thread _thread;
    private bool _torn;
    private long _recordsLost;
    private RecordLoss? _lastLoss, _failure;

    public SessionLogWriter(IReadOnlyList<SessionRecordRing> rings, SessionLogRoute route, BackgroundWork? background = null)
    {
        _rings = rings;
        _route = route;
        _thread = (background ?? new BackgroundWork()).Thread("session log", Run, _stopping.Wait);
    }

    /// <summary>Records that were lost because the sink failed. Any thread.</summary>
    public long RecordsLost => Volatile.Read(ref _recordsLost);

    /// <summary>Told how many records were lost, by the thread of the log. Set before the start.</summary>
    public Action<int> Lost { get; set; } = static _ => { };

    /// <summary>Where it writes, for people. Any thread.</summary>
    public string TargetName => Sink.Name;

    /// <summary>Why the sink waits now, for people; null: it does not. Any thread.</summary>
    public string? Obstacle => Sink.Obstacle;

    private IByteSink Sink => Volatile.Read(ref _route).Sink;

    /// <summary>Where records were lost last, and why; null: nowhere. Any thread.</summary>
    public RecordLoss? LastLoss => Volatile.Read(ref _lastLoss);

    /// <summary>Whether it writes to a file, or is about to. Any thread.</summary>
    public bool IsFile => (Volatile.Read(ref _next)?.Sink ?? Sink).IsFile;

    /// <summary>What was lost of the last batch; null: it was written. Any thread.</summary>
    public RecordLoss? Failure => Volatile.Read(ref _failure);

    public void Start() => _thread.Start();

    /// <summary>
    /// Writes by another route what was not yet taken from the rings. A wait for a server or a reader that takes no more ends, and costs at
    /// most a batch. Any thread.
    /// </summary>
    public void Switch(SessionLogRoute route)
    {
        // Asked before: the thread may take the new one at once.
        IByteSink before = Sink;
        Interlocked.Exchange(ref _next, route)?.Dispose();
        before.Abandon();
    }

    /// <summary>
    /// Opens the file again, between two batches: when the task completes, nothing more is written to the one before. A request that joins
    /// another one that waits gets the same answer. Any thread.
    /// </summary>
    public Task<ReopenOutcome> ReopenAsync()
    {
        TaskCompletionSource<ReopenOutcome> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _reopen, asked, null) ?? asked).Task;
    }

    /// <summary>Writes what is in the rings and ends the thread.</summary>
    /// <param name="within">How long that may take; a sink that blocks keeps what is left.</param>
    /// <returns>Whether all was written.</returns>
    public bool Stop(TimeSpan within)
    {
        _stopping.Set();
        // A start that failed elsewhere ends a writer whose thread never ran.
        return _thread.ThreadState.HasFlag(ThreadState.Unstarted) || _thread.Join(within);
    }

    /// <summary>The event is left to a thread that still hangs in its sink.</summary>
    public void Dispose()
    {
        if (!Stop(TimeSpan.Zero)) return;
        _route.Dispose();
        _next?.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            // Asked before the rings: what was there when the end was asked for is written.
            bool last = _stopping.IsSet;
            FollowOrders();
            bool any = false;
            foreach (SessionRecordRing ring in _rings) any |= Drain(ring);
            Flush();
            if (any) continue;
            if (last) return;
            _stopping.Wait(Nap);
        }
    }

    /// <summary>Between two batches: nothing is half written.</summary>
    private void FollowOrders()
    {
        if (Interlocked.Exchange(ref _next, null) is { } next)
        {
            SessionLogRoute before = _route;
            Volatile.Write(ref _failure, null);
            Volatile.Write(ref _route, next);
            before.Dispose();
            _torn = false;
        }
        if (Interlocked.Exchange(ref _reopen, null) is not { } asked) return;
        ReopenOutcome outcome = _route.Sink.Reopen();
        // The line that broke off is in the old file.
        _torn &= outcome.Error is not null;
        asked.SetResult(outcome);
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
            _route.Format.Write(in record, _batch);
        }
        catch (Exception e)
        {
            // What was written of the line, if anything, is cut off by ending it here.
            if (_batch.WrittenCount > before) _batch.Write("\n"u8);
            AccountLoss(1, e.Message);
        }
    }

    private void Flush()
    {
        if (_batch.WrittenCount == 0) return;
        ReadOnlySpan<byte> rest = _batch.WrittenSpan;
        int error = 0;
        // A line that broke off in a failed write must not swallow the next one.
        if (_torn) error = Math.Min(_route.Sink.Write("\n"u8), 0);
        _torn &= error < 0;
        while (error == 0 && !rest.IsEmpty)
        {
            int written = _route.Sink.Write(rest);
            if (written == -Errno.Emsgsize)
            {
                AccountLoss(1, Marshal.GetPInvokeErrorMessage(-written));
                rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
            }
            else if (written < 0) error = written;
            else rest = rest[written..];
        }
        if (error < 0) AccountLoss(rest, error);
        // What was abandoned for another target says nothing of that one.
        Volatile.Write(ref _failure, error < 0 && error != -Errno.Ecanceled ? _lastLoss : null);
        _batch.ResetWrittenCount();
    }

    private void AccountLoss(ReadOnlySpan<byte> rest, int error)
    {
        int begin = _batch.WrittenCount - rest.Length;
        if (begin > 0 && _batch.WrittenSpan[begin - 1] != (byte)'\n') _torn = true;
        // Each line ends with the only newline it has.
        AccountLoss(rest.Count((byte)'\n'), error == -Errno.Ecanceled
            ? "it took no more, and another target was set" : Marshal.GetPInvokeErrorMessage(-error));
    }

    private void AccountLoss(int records, string why)
    {
        Volatile.Write(ref _recordsLost, _recordsLost + records);
        Volatile.Write(ref _lastLoss, new RecordLoss(_route.Sink.Name, why));
        Lost(records);
    }
}

/// <summary>Records of sessions could not be written. Immutable.</summary>
/// <param name="Target">Where, for people.</param>
internal sealed record RecordLoss(string Target, string Why);

/// <summary>How a session's record becomes a line. Used by the one thread that writes the log.</summary>
internal interface ISessionFormat
{
    /// <summary>Writes the record as one line of UTF-8, newline included.</summary>
    void Write(in SessionRecord record, IBufferWriter<byte> output);
}
