using HdrHistogram;

namespace FastTcpProxy.NoLoss.Load;

/// <summary>What became of the connections of a run. Any thread.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly int[] _fates = new int[Enum.GetValues<Fate>().Length];
    private readonly LongHistogram _microseconds = new(60_000_000, 3);

    /// <summary>Counts a connection.</summary>
    /// <param name="took">From the connect to the end, counted from when it was to begin.</param>
    public void Count(Fate fate, TimeSpan took)
    {
        lock (_lock)
        {
            _fates[(int)fate]++;
            if (fate == Fate.Served) _microseconds.RecordValue(Math.Clamp((long)took.TotalMicroseconds, 1, 60_000_000));
        }
    }

    public int Of(Fate fate)
    {
        lock (_lock) return _fates[(int)fate];
    }

    /// <summary>Connections that were not served.</summary>
    public int Lost
    {
        get
        {
            lock (_lock) return _fates.Sum() - _fates[(int)Fate.Served];
        }
    }

    /// <summary>A percentile of the time of those that were served, in milliseconds.</summary>
    public double Percentile(double percentile)
    {
        lock (_lock) return _microseconds.TotalCount == 0 ? 0 : _microseconds.GetValueAtPercentile(percentile) / 1000.0;
    }

    public override string ToString() => string.Join(", ", Enum.GetValues<Fate>().Select(f => $"{Of(f)} {f.ToString().ToLowerInvariant()}"));
}
