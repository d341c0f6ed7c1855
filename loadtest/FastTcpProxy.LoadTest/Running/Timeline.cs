using System.Collections.Immutable;
using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Running;

/// <summary>
/// The arrivals by the second in which they were to begin. The recorder's lock guards it; the last second is read for the progress.
/// </summary>
internal sealed class Timeline
{
    /// <summary>
    /// Latencies that are kept, four bytes each: three hours at 1,800 a second. Later ones are counted, and their times are only in the
    /// phases.
    /// </summary>
    public const int LatenciesMax = 20_000_000;

    private readonly SortedDictionary<int, Second> _seconds = [];
    private int _latencies;

    public void Count(string phase, TimeSpan intended, TimeSpan took, StepResult result)
    {
        int number = (int)intended.TotalSeconds;
        if (!_seconds.TryGetValue(number, out Second? second)) _seconds.Add(number, second = new Second(phase));
        second.Count++;
        if (!result.IsOk) second.Errors++;
        else if (_latencies < LatenciesMax)
        {
            _latencies++;
            second.Us.Add((int)Math.Min(took.TotalMicroseconds, int.MaxValue));
        }
    }

    public ImmutableArray<SecondResult> Results() => [.. _seconds.Select(s => ToResult(s.Key, s.Value))];

    /// <summary>The newest second in which anything ended; null before.</summary>
    public SecondResult? Last() => _seconds.Count == 0 ? null : ToResult(_seconds.Keys.Last(), _seconds.Values.Last());

    private static SecondResult ToResult(int number, Second second)
    {
        int[] sorted = [.. second.Us];
        Array.Sort(sorted);
        return new SecondResult(number, second.Phase, second.Count, second.Errors, At(sorted, 0.5), At(sorted, 0.99), At(sorted, 1));
    }

    private static double? At(int[] sorted, double share) =>
        sorted.Length == 0 ? null : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)] / 1000.0;

    private sealed class Second(string phase)
    {
        public string Phase { get; } = phase;
        public long Count, Errors;
        public List<int> Us { get; } = [];
    }
}
