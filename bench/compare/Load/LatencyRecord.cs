using HdrHistogram;

namespace FastTcpProxy.Compare.Load;

/// <summary>
/// The latencies of an open model, from the intended start: of the operations whose intended start lies in the window, early or late as
/// their answers may be. One thread.
/// </summary>
internal sealed class LatencyRecord
{
    /// <summary>One minute; what is longer counts as that.</summary>
    public const long LatencyMaxNs = 60_000_000_000;

    private readonly LongHistogram _latency = Create(), _lateness = Create();
    private long _beginNs = long.MaxValue, _endNs = long.MaxValue;

    /// <summary>Operations of the window that have no answer yet.</summary>
    public long Pending { get; private set; }

    public long LatenessP99Ns => _lateness.TotalCount == 0 ? 0 : _lateness.GetValueAtPercentile(99);

    /// <summary>Nanoseconds to a minute, to three digits.</summary>
    public static LongHistogram Create() => new(1, LatencyMaxNs, 3);

    public void OpenWindow(long nowNs) => _beginNs = nowNs;

    public void CloseWindow(long nowNs) => _endNs = nowNs;

    /// <summary>An operation begins. How late it does is the load's own doing.</summary>
    public void RecordStart(long intendedNs, long nowNs)
    {
        if (!IsInWindow(intendedNs)) return;
        Pending++;
        _lateness.RecordValue(Bound(nowNs - intendedNs));
    }

    public void Record(long intendedNs, long nowNs)
    {
        if (!IsInWindow(intendedNs)) return;
        Pending--;
        _latency.RecordValue(Bound(nowNs - intendedNs));
    }

    /// <summary>An operation that did not begin after all.</summary>
    public void Forget(long intendedNs)
    {
        if (IsInWindow(intendedNs)) Pending--;
    }

    /// <summary>The values as the histogram keeps them, each with its count.</summary>
    public long[][] ToPairs() => [.. _latency.RecordedValues().Select(v => new[] { v.ValueIteratedTo, v.CountAddedInThisIterationStep })];

    private bool IsInWindow(long intendedNs) => intendedNs >= _beginNs && intendedNs < _endNs;

    private static long Bound(long ns) => Math.Clamp(ns, 1, LatencyMaxNs);
}
