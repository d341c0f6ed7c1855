using NBomber.Contracts;
using NBomber.Contracts.Stats;

namespace FastTcpProxy.LoadTest.Tests.NBomberStandIn;

/// <summary>What the stand-in throws through a scenario whose step has failed.</summary>
internal sealed class RestartException : Exception;

/// <summary>
/// A run of the stand-in: schedules as the README beside it says. Used once; steps on any thread, the statistics have a lock.
/// </summary>
internal sealed class StandInRun(NBomberContext context) : IScenarioContext
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1), EndMax = TimeSpan.FromSeconds(60);

    private readonly StandInStats _stats = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _working = [];

    public bool RestartsIteration => context.Scenario.RestartsIteration;

    public void StopCurrentTest(string reason) => _stop.Cancel();

    public void Add(string step, IResponse response, TimeSpan latency) => _stats.Add(step, response, latency);

    public NodeStats Run()
    {
        if (context.Scenario.WarmsUp) throw new NotSupportedException("the stand-in has no warm-up");
        string folder = context.Folder ?? Path.Combine("reports", Guid.NewGuid().ToString("n"));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"nbomber-log-{DateTime.UtcNow:yyyyMMdd}.txt"), "started\n");
        foreach (LoadSimulation simulation in context.Scenario.Simulations)
        {
            if (simulation.During < OneSecond) throw new InvalidOperationException("a simulation of less than a second");
            Schedule(simulation);
        }
        _stop.Cancel();
        Task.WaitAll([.. _working], EndMax);
        ScenarioStats stats = _stats.Build();
        if (context.HasReports) WriteReports(folder, stats);
        return new NodeStats([stats]);
    }

    /// <summary>Whole intervals: the last one may end after the simulation should.</summary>
    private void Schedule(LoadSimulation simulation)
    {
        TimeSpan interval = simulation.Interval ?? OneSecond;
        for (TimeSpan now = TimeSpan.Zero; now < simulation.During && !_stop.IsCancellationRequested; now += interval)
        {
            if (_stats.Failures >= context.Scenario.MaxFailCount)
            {
                _stop.Cancel();
                return;
            }
            if (simulation.Interval is not null || now == TimeSpan.Zero)
            {
                for (int i = 0; i < simulation.Value; i++)
                    _working.Add(Task.Run(() => ActAsync(interval * Random.Shared.NextDouble(), simulation.Interval is null)));
            }
            _stop.Token.WaitHandle.WaitOne(interval);
        }
    }

    private async Task ActAsync(TimeSpan delay, bool isInfinite)
    {
        await Task.Delay(delay, CancellationToken.None);
        while (!_stop.IsCancellationRequested)
        {
            IResponse response;
            try
            {
                response = await context.Scenario.Run(this);
            }
            catch (RestartException)
            {
                response = new Response<object>("", true, 0);
            }
            _stats.AddScenario(response);
            if (!isInfinite) return;
        }
    }

    private void WriteReports(string folder, ScenarioStats stats)
    {
        foreach (string extension in (string[])["txt", "html", "csv", "md"])
        {
            try
            {
                File.WriteAllText(Path.Combine(folder, $"{context.FileName}.{extension}"),
                    $"bytes {stats.Ok.DataTransfer.AllBytes + stats.Fail.DataTransfer.AllBytes}\n"
                    + string.Concat(stats.Ok.StatusCodes.Concat(stats.Fail.StatusCodes).Select(c => $"{c.StatusCode} {c.Count}\n")));
            }
            catch (IOException e)
            {
                File.AppendAllText(Path.Combine(folder, "nbomber-log-error.txt"), e.Message);
            }
        }
    }
}
