using System.Globalization;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Thresholds;

/// <summary>Holds a run against its thresholds. Pure.</summary>
public static class Judge
{
    /// <summary>How many names are suggested for one that the run does not have.</summary>
    private const int SuggestionsMax = 5;

    /// <summary>
    /// One verdict for each threshold, in their order. A figure that the run does not have is a breach, because a mistyped name must not
    /// pass. So is one whose value is unknown.
    /// </summary>
    public static IReadOnlyList<Verdict> Of(RunResult run, IEnumerable<Threshold> thresholds)
    {
        SortedDictionary<string, double> figures = RunFigures.Of(run);
        return [.. thresholds.Select(t => Of(figures, t))];
    }

    private static Verdict Of(SortedDictionary<string, double> figures, Threshold threshold)
    {
        string expected = (threshold.Min, threshold.Max) switch
        {
            ({ } min, { } max) => $"{Number(min)} to {Number(max)}",
            ({ } min, null) => $"at least {Number(min)}",
            (null, { } max) => $"at most {Number(max)}",
            _ => "anything",
        };
        // "A/B" is how many times B the figure A is.
        string[] names = threshold.Figure.Split('/', 2);
        if (names.FirstOrDefault(n => !figures.ContainsKey(n)) is { } unknown)
            return new Verdict(threshold.Figure, null, expected, false,
                $"{unknown}: the run has no such figure, expected {expected}; {Suggest(figures.Keys, unknown)}");
        double value = names.Length == 1 ? figures[names[0]] : figures[names[0]] / figures[names[1]];
        // What is unknown, or divided by nothing, is within no bounds.
        if (!double.IsFinite(value))
            return new Verdict(threshold.Figure, null, expected, false,
                $"{threshold.Figure} is unknown, expected {expected}: no client was served, or the runner cannot tell");
        bool isOk = !(value < threshold.Min || value > threshold.Max);
        return new Verdict(threshold.Figure, value, expected, isOk, $"{threshold.Figure} is {Number(value)}, expected {expected}");
    }

    /// <summary>Those that share the last part of the name, and else the first.</summary>
    private static string Suggest(IEnumerable<string> names, string wanted)
    {
        string last = wanted[(wanted.LastIndexOf('.') + 1)..], first = wanted.Split('.')[0];
        string[] near = [.. names.OrderByDescending(n => (n.StartsWith(first + ".", StringComparison.Ordinal) ? 2 : 0)
            + (n.EndsWith(last, StringComparison.Ordinal) ? 1 : 0)).Take(SuggestionsMax)];
        return $"it has {string.Join(", ", near)} and others";
    }

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
