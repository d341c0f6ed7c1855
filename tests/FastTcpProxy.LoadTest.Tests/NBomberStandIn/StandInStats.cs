using NBomber.Contracts;
using NBomber.Contracts.Stats;

namespace FastTcpProxy.LoadTest.Tests.NBomberStandIn;

/// <summary>Statistics of the stand-in: of each step, and of the scenario, which adds its own to its steps'. Any thread.</summary>
internal sealed class StandInStats
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (List<(IResponse Response, double Ms)> Ok, List<(IResponse Response, double Ms)> Fail)> _steps = [];
    private readonly List<IResponse> _scenario = [];

    /// <summary>Of the scenario, not of its steps.</summary>
    public int Failures
    {
        get
        {
            lock (_lock) return _scenario.Count(r => r.IsError);
        }
    }

    public void Add(string step, IResponse response, TimeSpan latency)
    {
        lock (_lock)
        {
            if (!_steps.TryGetValue(step, out var lists)) _steps.Add(step, lists = ([], []));
            (response.IsError ? lists.Fail : lists.Ok).Add((response, latency.TotalMilliseconds));
        }
    }

    public void AddScenario(IResponse response)
    {
        lock (_lock) _scenario.Add(response);
    }

    public ScenarioStats Build()
    {
        lock (_lock)
        {
            StepStats[] steps = [.. _steps.Select(s => new StepStats(s.Key, Of(s.Value.Ok), Of(s.Value.Fail)))];
            return new ScenarioStats(Sum(steps.Select(s => s.Ok), isError: false), Sum(steps.Select(s => s.Fail), isError: true), steps);
        }
    }

    private MeasurementStats Sum(IEnumerable<MeasurementStats> steps, bool isError)
    {
        IResponse[] own = [.. _scenario.Where(r => r.IsError == isError)];
        StatusCodeStats[] codes = [.. steps.SelectMany(s => s.StatusCodes).Concat(Codes(own)).GroupBy(c => c.StatusCode)
            .Select(g => new StatusCodeStats(g.Key, g.Sum(c => c.Count)))];
        return Of([.. own.Select(r => (r, 0.0))]) with
        {
            DataTransfer = new DataTransferStats(steps.Sum(s => s.DataTransfer.AllBytes) + own.Sum(r => r.SizeBytes)), StatusCodes = codes,
        };
    }

    private static MeasurementStats Of(List<(IResponse Response, double Ms)> results)
    {
        double[] ms = [.. results.Select(r => r.Ms).Order()];
        double At(double share) => ms.Length == 0 ? 0 : ms[Math.Clamp((int)Math.Ceiling(share * ms.Length) - 1, 0, ms.Length - 1)];
        return new MeasurementStats(
            new RequestStats(ms.Length), new LatencyStats(At(0), ms.DefaultIfEmpty().Average(), At(1), At(0.5), At(0.99)),
            new DataTransferStats(results.Sum(r => r.Response.SizeBytes)), Codes([.. results.Select(r => r.Response)]));
    }

    private static StatusCodeStats[] Codes(IReadOnlyList<IResponse> responses) =>
        [.. responses.Where(r => r.StatusCode.Length > 0).GroupBy(r => r.StatusCode).Select(g => new StatusCodeStats(g.Key, g.Count()))];
}
