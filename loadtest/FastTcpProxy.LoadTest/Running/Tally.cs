using System.Collections.Immutable;
using FastTcpProxy.LoadTest.Model;
using HdrHistogram;

namespace FastTcpProxy.LoadTest.Running;

/// <summary>What the steps of one series in one phase came to. The recorder's lock guards it.</summary>
/// <param name="begin">When the phase began.</param>
internal sealed class Tally(TimeSpan begin)
{
    /// <summary>What is longer counts as this; no client waits so long.</summary>
    public const long LatencyMaxUs = 300_000_000;

    /// <summary>A step that takes longer is not what a client of a healthy proxy sees, on a busy machine either.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(250);

    /// <summary>As reports and thresholds call them.</summary>
    public static readonly string[] FateNames = ["served", "failed_over", "refused", "reset", "hung", "wrong", "not_begun"];

    private readonly LongHistogram _us = new(1, LatencyMaxUs, 3);
    private readonly long[] _fates = new long[FateNames.Length];
    private long _bytes;
    private TimeSpan _lastSlow;

    public long Errors { get; private set; }

    public void Count(TimeSpan intended, TimeSpan took, StepResult result)
    {
        _fates[(int)result.Fate]++;
        _bytes += result.Bytes;
        if (result.IsOk) _us.RecordValue(Math.Clamp((long)took.TotalMicroseconds, 1, LatencyMaxUs));
        else Errors++;
        if ((!result.IsOk || took > Slow) && intended - begin > _lastSlow) _lastSlow = intended - begin;
    }

    public PhaseResult ToResult(string series, string phase, double endSeconds)
    {
        long count = _fates.Sum(), ok = _us.TotalCount;
        SortedDictionary<string, long> fates = [];
        for (int i = 0; i < _fates.Length; i++)
        {
            if (_fates[i] > 0) fates[FateNames[i]] = _fates[i];
        }
        return new PhaseResult(
            series, phase, begin.TotalSeconds, endSeconds, count, Errors, fates.ToImmutableSortedDictionary(StringComparer.Ordinal),
            ok == 0 ? null : Ms(_us.RecordedValues().First().ValueIteratedTo), ok == 0 ? null : Math.Round(_us.GetMean() / 1000, 3),
            Percentile(50), Percentile(90), Percentile(99), Percentile(99.9), Percentile(100), _bytes,
            count == 0 ? null : Math.Round(_lastSlow.TotalSeconds, 3));
    }

    /// <summary>Null where none was served: 0 would hold every bound.</summary>
    private double? Percentile(double percentile) => _us.TotalCount == 0 ? null : Ms(_us.GetValueAtPercentile(percentile));

    private static double Ms(long us) => us / 1000.0;
}
