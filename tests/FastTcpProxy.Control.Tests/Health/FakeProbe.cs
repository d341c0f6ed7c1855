using System.Collections.Concurrent;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>A probe whose results a test gives, at once or when it lets go. Any thread.</summary>
internal sealed class FakeProbe(TimeProvider time) : IProbe
{
    private readonly ConcurrentQueue<bool> _results = new();
    private volatile TaskCompletionSource? _held;
    private int _underWay;
    private volatile bool _isGood = true;

    /// <summary>When each probe began.</summary>
    public ConcurrentQueue<DateTimeOffset> Starts { get; } = new();

    /// <summary>Probes that were under way at once, at most.</summary>
    public int UnderWayMax { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Thrown by the next probes.</summary>
    public Exception? Defect { get; set; }

    /// <summary>What a probe finds when no result is queued.</summary>
    public bool IsGood
    {
        set => _isGood = value;
    }

    /// <summary>While set, probes end with this, which is none of the upstream's failures.</summary>
    public ProbeFailure? Lack { get; set; }

    /// <summary>What the next probes find, one after the other.</summary>
    public void Enqueue(params bool[] results)
    {
        foreach (bool result in results) _results.Enqueue(result);
    }

    /// <summary>Probes that begin from now on do not end.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo()
    {
        TaskCompletionSource held = _held!;
        _held = null;
        held.SetResult();
    }

    public async Task<ProbeResult> RunAsync(CancellationToken stop)
    {
        UnderWayMax = Math.Max(UnderWayMax, Interlocked.Increment(ref _underWay));
        try
        {
            Starts.Enqueue(time.GetUtcNow());
            if (Defect is { } defect) throw defect;
            if (_held is { } held) await held.Task.WaitAsync(stop);
            if (Lack is { } lack) return new ProbeResult(lack, "nothing left", TimeSpan.FromMilliseconds(1));
            bool isGood = _results.TryDequeue(out bool next) ? next : _isGood;
            return new ProbeResult(isGood ? null : ProbeFailure.Status, isGood ? "status 200" : "status 503", TimeSpan.FromMilliseconds(1));
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    public void Dispose() => IsDisposed = true;
}
