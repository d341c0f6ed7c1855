namespace FastTcpProxy.Gate.Verdicts;

/// <summary>What a verdict rests on.</summary>
public enum VerdictKind
{
    /// <summary>A count that is the same in every run, but for a named tolerance.</summary>
    Exact,

    /// <summary>A cost that varies from round to round.</summary>
    Statistical,
}

/// <summary>The verdict on one figure. Immutable.</summary>
public sealed record Verdict
{
    /// <summary>What was measured, with its unit: "CPU per connection, microseconds".</summary>
    public required string Figure { get; init; }

    public required VerdictKind Kind { get; init; }

    /// <summary>The figure of the base: the least of an exact one, the median of a statistical one.</summary>
    public required double Base { get; init; }

    public required double Head { get; init; }

    /// <summary>
    /// How much more the head takes: in the figure's unit for an exact one, as a part of the base's cost (0.1 is 10 %) for a statistical
    /// one.
    /// </summary>
    public required double Change { get; init; }

    /// <summary>How much more is still let pass, in the same measure.</summary>
    public required double Limit { get; init; }

    /// <summary>The lower end of the confidence interval of the change; null for an exact figure.</summary>
    public double? ChangeLow { get; init; }

    public double? ChangeHigh { get; init; }

    /// <summary>Of the interval; null for an exact figure.</summary>
    public double? Confidence { get; init; }

    /// <summary>How many measurements of each side it rests on.</summary>
    public required int Samples { get; init; }

    public required bool IsRegression { get; init; }
}
