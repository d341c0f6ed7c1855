using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Health.Rules;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// The checks of one upstream, one after another: one task on the thread pool, so that its rounds cannot overlap. It owns its probe;
/// <see cref="Health"/> is for any thread.
/// </summary>
internal sealed class CheckedUpstream
{
    private readonly IProbe _probe;
    private readonly HealthCheckConfiguration _check;
    private readonly TimeProvider _time;
    private UpstreamHealth _health;

    public CheckedUpstream(ActiveService service, int index, IProbe probe, TimeProvider time)
    {
        Service = service;
        Index = index;
        _probe = probe;
        _time = time;
        _check = Configuration.HealthCheck!;
        _health = HealthRule.Begin(_check.InitiallyServing, time.GetUtcNow(), time.GetUtcNow());
    }

    public ActiveService Service { get; }

    /// <summary>Its place in the configured list.</summary>
    public int Index { get; }

    public UpstreamConfiguration Configuration => Service.Configuration.Upstreams[Index];

    public UpstreamHealth Health => Volatile.Read(ref _health);

    /// <summary>Checks until it is told to stop.</summary>
    /// <param name="delay">Before the first check.</param>
    /// <param name="slots">Bounds the probes that are under way in the process.</param>
    /// <param name="apply">Called with what was known and what is known now, after each check.</param>
    /// <param name="stop">Ends it, also in the middle of a check.</param>
    public async Task RunAsync(TimeSpan delay, SemaphoreSlim slots, Action<CheckedUpstream, UpstreamHealth, UpstreamHealth> apply, CancellationToken stop)
    {
        using IProbe probe = _probe;
        try
        {
            long start = _time.GetTimestamp() + ToStamps(delay);
            while (true)
            {
                TimeSpan wait = Until(start);
                if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, stop);
                CheckResult result = await CheckAsync(slots, stop);
                start = NextAfter(start);
                UpstreamHealth before = _health;
                UpstreamHealth after = HealthRule.Next(before, result, _check.Interval, _time.GetUtcNow() + Until(start));
                Volatile.Write(ref _health, after);
                apply(this, before, after);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The proxy ends, or the upstream has left the configuration.
        }
    }

    /// <summary>
    /// The next start, on the grid of the first one: starts that a long check has run into are left out, so that what was spread stays spread.
    /// </summary>
    private long NextAfter(long start)
    {
        long interval = ToStamps(_check.Interval);
        return start + ((_time.GetTimestamp() - start) / interval + 1) * interval;
    }

    private TimeSpan Until(long stamp) => _time.GetElapsedTime(_time.GetTimestamp(), stamp);

    private long ToStamps(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private async Task<CheckResult> CheckAsync(SemaphoreSlim slots, CancellationToken stop)
    {
        ImmutableArray<ProbeResult>.Builder probes = ImmutableArray.CreateBuilder<ProbeResult>();
        ProbeTally tally = new(_check.Probes);
        long start = _time.GetTimestamp();
        while (true)
        {
            ProbeResult probe = await ProbeAsync(slots, stop);
            probes.Add(probe);
            if (tally.Count(probe.IsGood) is { } isGood)
                return new CheckResult(isGood, probes.DrainToImmutable(), _time.GetUtcNow(), _time.GetElapsedTime(start));
            if (_check.Probes.Delay > TimeSpan.Zero) await Task.Delay(_check.Probes.Delay, _time, stop);
        }
    }

    private async Task<ProbeResult> ProbeAsync(SemaphoreSlim slots, CancellationToken stop)
    {
        await slots.WaitAsync(stop);
        long start = _time.GetTimestamp();
        try
        {
            return await _probe.RunAsync(stop);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            // A defect of a probe must not end the checks of its upstream.
            return new ProbeResult(ProbeFailure.Fault, $"defect: {e.GetType().Name}", _time.GetElapsedTime(start));
        }
        finally
        {
            slots.Release();
        }
    }
}
