using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Health.Rules;
using FastTcpProxy.Engine.Background;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// The checks of one upstream, one after another: one task on the thread pool, so that its rounds cannot overlap. It owns its probe; what
/// is known of the upstream belongs to <see cref="ActiveUpstream.Health"/>.
/// </summary>
internal sealed class CheckedUpstream
{
    /// <summary>The name of this work.</summary>
    public const string Work = "health checks";

    private readonly IProbe _probe;
    private readonly HealthCheckConfiguration _check;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <param name="upstream">Which one; its configuration has a check.</param>
    /// <param name="probe">How it is asked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="background">Runs the checks, and counts the defects of their observers.</param>
    public CheckedUpstream(ActiveUpstream upstream, IProbe probe, TimeProvider time, BackgroundWork background)
    {
        Upstream = upstream;
        Configuration = upstream.Configuration;
        _probe = probe;
        _time = time;
        _background = background;
        _check = Configuration.HealthCheck!;
    }

    public ActiveUpstream Upstream { get; }

    /// <summary>The upstream when this was made. With another check or another address another object takes its place.</summary>
    public UpstreamConfiguration Configuration { get; }

    /// <summary>Whether its results are about the upstream as it is configured now.</summary>
    public bool IsCurrent => Upstream.Configuration is var now && now.Address == Configuration.Address && now.HealthCheck == _check;

    /// <summary>Whether it may continue after a reload. Files are read by a new one: they may have changed.</summary>
    public bool CanStay => IsCurrent && _check.Tls is { CaFile: null, CertificateFile: null };

    /// <summary>Begins to check.</summary>
    /// <param name="first">When the first check starts, as a stamp of the clock.</param>
    /// <param name="slots">Bounds the probes that are under way in the process.</param>
    /// <param name="apply">Called with what was known before and what is known now, after each check and when one is put off.</param>
    public void Start(long first, SemaphoreSlim slots, Action<CheckedUpstream, UpstreamHealth, UpstreamHealth> apply) =>
        _running = _background.Run(Work, () => RunAsync(first, slots, apply, _stop.Token), _stop.Token);

    /// <summary>Gives up the current check, and waits until it has ended. Never fails: the new configuration is already in force when the
    /// checks of the old one end.</summary>
    public async Task StopAsync()
    {
        await _background.GuardAsync(Work, _stop.CancelAsync);
        await _running;
        _background.Guard(Work, _probe.Dispose);
        _stop.Dispose();
    }

    /// <summary>Checks until it is told to stop.</summary>
    /// <param name="start">When the first check starts, as a stamp of the clock.</param>
    /// <param name="slots">Bounds the probes that are under way in the process.</param>
    /// <param name="apply">Called with what was known before and what is known now, after each check and when one is put off.</param>
    /// <param name="stop">Ends it, also in the middle of a check.</param>
    private async Task RunAsync(long start, SemaphoreSlim slots, Action<CheckedUpstream, UpstreamHealth, UpstreamHealth> apply,
        CancellationToken stop)
    {
        try
        {
            bool waitsAgain = false;
            while (true)
            {
                TimeSpan wait = Until(start);
                if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, stop);
                UpstreamHealth before = Upstream.Health;
                // The first check is not postponed: nothing is known before it.
                if (!waitsAgain && before.Checks > 0 && -Until(start) > ProbeLimits.Gap)
                {
                    // All checks are late at once: each waits for its own moment again. This happens once, so that a process that is always
                    // late checks too.
                    waitsAgain = true;
                    start = NextAfter(start);
                    apply(this, before, before with { NextCheck = _time.GetUtcNow() + Until(start) });
                    continue;
                }
                waitsAgain = false;
                CheckResult result = await CheckAsync(slots, stop);
                start = NextAfter(start);
                UpstreamHealth after = HealthRule.Next(before, result, _check.Interval, _time.GetUtcNow() + Until(start));
                // A defect of an observer must not end the checks of the upstream.
                _background.Guard(Work, () => apply(this, before, after));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The proxy ends, or the upstream has left the configuration.
        }
    }

    /// <summary>
    /// The next start, on the grid of the first one: starts that a long check has run into are skipped, so that checks stay spread out.
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
            // A lack of this machine would affect the next probe too.
            if ((probe.IsUnknown ? false : tally.Count(probe.IsGood)) is { } isGood)
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
