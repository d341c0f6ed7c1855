using System.Diagnostics;
using FastTcpProxy.LoadTest.Tests.NBomberStandIn;
using NBomber.Contracts;
using NBomber.Contracts.Stats;

namespace NBomber.CSharp;

/// <summary>Of the stand-in. Pure.</summary>
public static class Response
{
    public static Response<object> Ok() => new("", false, 0);
    public static Response<object> Fail() => new("", true, 0);
    public static Response<object> Ok(string statusCode = "", long sizeBytes = 0) => new(statusCode, false, sizeBytes);
    public static Response<object> Fail(string statusCode = "", long sizeBytes = 0) => new(statusCode, true, sizeBytes);
}

/// <summary>Of the stand-in: measures a step.</summary>
public static class Step
{
    public static async Task<Response<T>> Run<T>(string name, IScenarioContext context, Func<Task<Response<T>>> run)
    {
        StandInRun stand = (StandInRun)context;
        long begin = Stopwatch.GetTimestamp();
        Response<T> response;
        try
        {
            response = await run();
        }
        catch (Exception e)
        {
            response = new Response<T>(e is OperationCanceledException ? "-100" : "-101", true, 0);
        }
        stand.Add(name, response, Stopwatch.GetElapsedTime(begin));
        if (response.IsError && stand.RestartsIteration) throw new RestartException();
        return response;
    }
}

/// <summary>Of the stand-in.</summary>
public static class Scenario
{
    public static ScenarioProps Create(string name, Func<IScenarioContext, Task<IResponse>> run) => new(name, run);
    public static ScenarioProps WithoutWarmUp(this ScenarioProps props) => props with { WarmsUp = false };
    public static ScenarioProps WithMaxFailCount(this ScenarioProps props, int maxFailCount) =>
        props with { MaxFailCount = maxFailCount };
    public static ScenarioProps WithRestartIterationOnFail(this ScenarioProps props, bool shouldRestart) =>
        props with { RestartsIteration = shouldRestart };
    public static ScenarioProps WithLoadSimulations(this ScenarioProps props, params LoadSimulation[] loadSimulations) =>
        props with { Simulations = loadSimulations };
}

/// <summary>Of the stand-in. Pure.</summary>
public static class Simulation
{
    public static LoadSimulation Inject(int rate, TimeSpan interval, TimeSpan during) => new(rate, interval, during);
    public static LoadSimulation KeepConstant(int copies, TimeSpan during) => new(copies, null, during);
}

/// <summary>Of the stand-in.</summary>
public static class NBomberRunner
{
    public static NBomberContext RegisterScenarios(params ScenarioProps[] scenarios) => new(scenarios.Single());
    public static NBomberContext WithReportFolder(this NBomberContext context, string reportFolderPath) =>
        context with { Folder = reportFolderPath };
    public static NBomberContext WithReportFileName(this NBomberContext context, string reportFileName) =>
        context with { FileName = reportFileName };
    public static NBomberContext WithoutReports(this NBomberContext context) => context with { HasReports = false };

    /// <summary>Blocks until the run is over; no cancellation reaches it.</summary>
    public static NodeStats Run(this NBomberContext context) => new StandInRun(context).Run();
}
