namespace FastTcpProxy.Compare.Measurements;

/// <summary>What was found of one subject in one mode. Immutable.</summary>
public sealed record Measurement
{
    public required string Subject { get; init; }

    public required string Title { get; init; }

    public required string Unit { get; init; }

    /// <summary>raw, v1 or v2.</summary>
    public required string Mode { get; init; }

    public required int Threads { get; init; }

    /// <summary>Rounds that the figures are made of.</summary>
    public required int Rounds { get; init; }

    /// <summary>Rounds in which the machine was starved, and which were left out.</summary>
    public int Dropped { get; init; }

    /// <summary>Operations a second, where the rate was fixed.</summary>
    public double? Rate { get; init; }

    /// <summary>How many connections at a time.</summary>
    public int? Connections { get; init; }

    public required Figure[] Figures { get; init; }

    public string[] Notes { get; init; } = [];
}

/// <summary>What one contestant reached. Immutable.</summary>
public sealed record Figure
{
    public required string Contestant { get; init; }

    /// <summary>What it is, where there are several of a contestant: p50, p99, p99.9.</summary>
    public string? Quantity { get; init; }

    /// <summary>Over the rounds, in the measurement's unit.</summary>
    public required double Median { get; init; }

    public required double Min { get; init; }

    public required double Max { get; init; }

    /// <summary>This one's cost by ours, the median of the rounds' ratios: above 1 ours is cheaper. Null when no round gives one.</summary>
    public double? Ratio { get; init; }

    public double? OperationsPerSecond { get; init; }

    /// <summary>CPUs that the proxy was busy on.</summary>
    public double? ProxyUtilization { get; init; }

    /// <summary>CPUs that one load process was busy on, at most 1.</summary>
    public double? LoadUtilization { get; init; }

    /// <summary>The load and not the proxy was the limit: the figure is not comparable.</summary>
    public bool LoadBound { get; init; }

    /// <summary>The figure contains rounds in which the machine was starved, as there were not enough others.</summary>
    public bool Starved { get; init; }

    /// <summary>Connections that broke, wrong headers, wrong bytes; of all rounds.</summary>
    public long Errors { get; init; }

    public string? FirstError { get; init; }
}
