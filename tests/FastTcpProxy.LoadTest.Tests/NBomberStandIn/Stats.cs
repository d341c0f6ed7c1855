namespace NBomber.Contracts.Stats;

/// <summary>Of the stand-in: the statistics that a run returns. All of them are immutable.</summary>
public sealed record NodeStats(ScenarioStats[] ScenarioStats);

public sealed record ScenarioStats(MeasurementStats Ok, MeasurementStats Fail, StepStats[] StepStats);

public sealed record StepStats(string StepName, MeasurementStats Ok, MeasurementStats Fail);

public sealed record MeasurementStats(RequestStats Request, LatencyStats Latency, DataTransferStats DataTransfer,
    StatusCodeStats[] StatusCodes);

public sealed record RequestStats(int Count);

public sealed record LatencyStats(double MinMs, double MeanMs, double MaxMs, double Percent50, double Percent99);

public sealed record DataTransferStats(long AllBytes);

public sealed record StatusCodeStats(string StatusCode, int Count);
