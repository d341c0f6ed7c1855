namespace NBomber.Contracts;

/// <summary>Of the stand-in: what a scenario gets from its runner.</summary>
public interface IScenarioContext
{
    /// <summary>Ends the run early; it returns at once.</summary>
    void StopCurrentTest(string reason);
}

/// <summary>Of the stand-in: what a step or a scenario came to.</summary>
public interface IResponse
{
    string StatusCode { get; }
    bool IsError { get; }
    long SizeBytes { get; }
}

/// <summary>Of the stand-in. Immutable.</summary>
public sealed record Response<T>(string StatusCode, bool IsError, long SizeBytes) : IResponse;

/// <summary>Of the stand-in. Immutable.</summary>
/// <param name="Interval">Of the arrivals; null: a number of copies instead.</param>
public sealed record LoadSimulation(int Value, TimeSpan? Interval, TimeSpan During);

/// <summary>Of the stand-in. Immutable.</summary>
public sealed record ScenarioProps(string Name, Func<IScenarioContext, Task<IResponse>> Run)
{
    public IReadOnlyList<LoadSimulation> Simulations { get; init; } = [];
    public int MaxFailCount { get; init; } = 5_000;
    public bool RestartsIteration { get; init; } = true;
    public bool WarmsUp { get; init; } = true;
}

/// <summary>Of the stand-in. Immutable.</summary>
public sealed record NBomberContext(ScenarioProps Scenario)
{
    public string? Folder { get; init; }
    public string FileName { get; init; } = "nbomber_report";
    public bool HasReports { get; init; } = true;
}
