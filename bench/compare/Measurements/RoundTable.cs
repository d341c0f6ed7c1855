using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Load;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>One contestant's outcome in one round. Immutable.</summary>
/// <param name="Value">In the subject's unit.</param>
/// <param name="Load">What the load found; null where there is none.</param>
/// <param name="IsLoadBound">The load was late or full.</param>
public sealed record Outcome(double Value, LoadResult? Load = null, bool IsLoadBound = false);

/// <summary>The rounds of a measurement, each with one outcome for each contestant in their order. One thread.</summary>
/// <param name="wanted">How many rounds are asked for.</param>
internal sealed class RoundTable(int wanted)
{
    private readonly List<Outcome[]> _good = [], _starved = [];
    private int _useless;

    /// <summary>Whether another round is needed; when as many were starved as are wanted, the machine does not get better.</summary>
    public bool NeedsMore => _good.Count < wanted && Next < 2 * wanted;

    /// <summary>The number of the next round, from 0, dropped ones included.</summary>
    public int Next => _good.Count + _starved.Count + _useless;

    /// <param name="round">A value that is not a number makes the round useless, starved or not.</param>
    public void Add(Outcome[] round, bool isStarved)
    {
        if (round.Any(o => !double.IsFinite(o.Value))) _useless++;
        else (isStarved ? _starved : _good).Add(round);
    }

    /// <summary>Starved rounds that the figures are made of nevertheless, for want of others.</summary>
    public int StarvedUsed => Math.Min(_starved.Count, wanted - Math.Min(wanted, _good.Count));

    public int Dropped => _starved.Count - StarvedUsed + _useless;

    public int Count => Used.Count;

    private List<Outcome[]> Used => [.. _good, .. _starved.Take(StarvedUsed)];

    /// <summary>All that the rounds give: a figure for each contestant.</summary>
    /// <exception cref="InvalidOperationException">There is no round to make it of.</exception>
    public Measurement ToMeasurement(int threads, Subject subject, ProxyMode mode, IReadOnlyList<Contestant> contestants) => new()
    {
        Subject = subject.Name(),
        Title = subject.Title(),
        Unit = subject.Unit(),
        Mode = mode.Name(),
        Threads = threads,
        Rounds = Count,
        Figures = [.. contestants.Select((c, i) => ToFigure(i, c.Name))],
    };

    /// <summary>The figure of a contestant, compared with the first one.</summary>
    /// <exception cref="InvalidOperationException">There is no round to make it of.</exception>
    public Figure ToFigure(int index, string contestant, string? quantity = null)
    {
        if (Count == 0) throw new InvalidOperationException("no round could be measured: the machine was starved");
        Outcome[] outcomes = [.. Used.Select(round => round[index])];
        double[] values = [.. outcomes.Select(o => o.Value)];
        LoadResult[] loads = [.. outcomes.Select(o => o.Load).OfType<LoadResult>()];
        bool hasCpu = loads.Any(l => l is { ProxyCpuSeconds: > 0, Seconds: > 0 });
        return new()
        {
            Contestant = contestant,
            Quantity = quantity,
            Median = Statistics.Median(values),
            Min = values.Min(),
            Max = values.Max(),
            Ratio = Statistics.MedianRatio(values, [.. Used.Select(round => round[0].Value)]),
            OperationsPerSecond = loads.Any(l => l.Operations > 0) ? Statistics.Median(loads.Select(l => l.OperationsPerSecond)) : null,
            ProxyUtilization = hasCpu ? Statistics.Median(loads.Select(l => l.ProxyUtilization)) : null,
            LoadUtilization = hasCpu ? Statistics.Median(loads.Select(l => l.LoadUtilization)) : null,
            // A single bad round does not move the median.
            LoadBound = outcomes.Count(o => o.IsLoadBound) * 2 > outcomes.Length,
            Starved = StarvedUsed > 0,
            Errors = loads.Sum(l => l.Errors),
            FirstError = loads.Select(l => l.FirstError).FirstOrDefault(e => e is not null),
        };
    }
}
