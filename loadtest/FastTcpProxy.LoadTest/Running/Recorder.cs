using System.Collections.Immutable;
using System.Diagnostics;
using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Running;

/// <summary>
/// All that a run records. Steps are counted in the phase in which they were to begin, and their latencies from that moment: a stall shows
/// in all that were to begin during it. Any thread; one lock, which a few thousand steps a second do not feel.
/// </summary>
internal sealed class Recorder : IRecord
{
    /// <summary>The series of the arrivals themselves, and the phase that sums them up.</summary>
    public const string Clients = "clients", All = "all";

    /// <summary>The phase before a stage announces one.</summary>
    private const string First = "run";

    /// <summary>What a stage may announce and observe: more is a defect of the stage.</summary>
    public const int PhasesMax = 100, SeriesMax = 16, NotesMax = 100;

    private readonly Lock _lock = new();
    private readonly List<(string Name, TimeSpan Begin)> _phases = [(First, TimeSpan.Zero)];
    private readonly List<(string Series, int Phase, Tally Tally)> _tallies = [];
    private readonly Tally _all = new(TimeSpan.Zero);
    private readonly SortedDictionary<string, FigureResult> _figures = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private long _begin = Stopwatch.GetTimestamp();

    /// <summary>Read when the run is over.</summary>
    public Timeline Timeline { get; } = new();

    /// <summary>For the progress: errors so far, and the last second.</summary>
    public (long Errors, SecondResult? Last) Now
    {
        get
        {
            lock (_lock) return (_all.Errors, Timeline.Last());
        }
    }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begin);

    /// <summary>The first arrival is due now.</summary>
    public void Begin() => _begin = Stopwatch.GetTimestamp();

    public void Phase(string name)
    {
        lock (_lock)
        {
            if (_phases.Count == PhasesMax) throw new InvalidOperationException($"more than {PhasesMax} phases");
            // The first that a stage names has no other before it, unless something was counted there.
            if (_phases is [{ Name: First }] && _tallies.Count == 0) _phases[0] = (name, TimeSpan.Zero);
            else _phases.Add((name, Elapsed));
        }
    }

    /// <summary>The number of the phase that holds a time, for <see cref="Count"/>.</summary>
    public int PhaseAt(TimeSpan intended)
    {
        lock (_lock)
        {
            int phase = _phases.Count - 1;
            while (phase > 0 && _phases[phase].Begin > intended) phase--;
            return phase;
        }
    }

    public string PhaseNow
    {
        get
        {
            lock (_lock) return _phases[^1].Name;
        }
    }

    /// <summary>An arrival has ended.</summary>
    /// <param name="intended">When it was to begin.</param>
    public void Count(TimeSpan intended, StepResult result)
    {
        TimeSpan took = Elapsed - intended;
        int phase = PhaseAt(intended);
        lock (_lock)
        {
            _all.Count(intended, took, result);
            TallyOf(Clients, phase).Count(intended, took, result);
            Timeline.Count(_phases[phase].Name, intended, took, result);
        }
    }

    public void Observe(string series, TimeSpan intended, StepResult result)
    {
        TimeSpan took = Elapsed - intended;
        int phase = PhaseAt(intended);
        lock (_lock) TallyOf(series, phase).Count(intended, took, result);
    }

    public void Figure(string name, double value, string unit)
    {
        lock (_lock) _figures[name] = new FigureResult(name, value, unit);
    }

    public void Note(string text)
    {
        lock (_lock)
        {
            if (_notes.Count < NotesMax) _notes.Add(text);
        }
    }

    /// <summary>What the phases came to, and the run's figures and notes.</summary>
    public (ImmutableArray<PhaseResult> Phases, ImmutableArray<FigureResult> Figures, ImmutableArray<string> Notes) Results()
    {
        lock (_lock)
        {
            double end = Elapsed.TotalSeconds;
            IEnumerable<PhaseResult> phases = _tallies.OrderBy(t => t.Phase).ThenBy(t => t.Series != Clients)
                .ThenBy(t => t.Series, StringComparer.Ordinal).Select(t =>
                t.Tally.ToResult(t.Series, _phases[t.Phase].Name,
                    t.Phase + 1 < _phases.Count ? _phases[t.Phase + 1].Begin.TotalSeconds : end));
            return ([.. phases, _all.ToResult(Clients, All, end)], [.. _figures.Values], [.. _notes]);
        }
    }

    private Tally TallyOf(string series, int phase)
    {
        foreach ((string s, int p, Tally tally) in _tallies)
        {
            if (p == phase && s == series) return tally;
        }
        if (_tallies.Count == PhasesMax * SeriesMax) throw new InvalidOperationException($"more than {SeriesMax} series");
        Tally created = new(_phases[phase].Begin);
        _tallies.Add((series, phase, created));
        return created;
    }
}
