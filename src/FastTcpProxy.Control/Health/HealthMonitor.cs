using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// Checks the upstreams of all services, those that are out too, and takes them out or puts them back. Started once and stopped once, by one
/// thread; <see cref="Of"/> is for any thread. Everything else happens on the thread pool, never on a loop.
/// </summary>
public sealed class HealthMonitor : IAsyncDisposable
{
    /// <summary>Probes under way at once, each with one socket. What is above waits for its turn.</summary>
    public const int ProbesMax = 1024;

    /// <summary>
    /// Starts are this far apart. When that would take longer than the shortest interval, several start together, so that their work wakes fewer
    /// threads: at an interval of 1 s there are 50 such moments.
    /// </summary>
    internal static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(20);

    private readonly ServiceComposer _composer;
    private readonly ImmutableArray<CheckedUpstream> _checked;
    private readonly ImmutableDictionary<(ActiveService, int), CheckedUpstream> _byPlace;
    private readonly Action<ActiveService, string> _resetSessions;
    private readonly IHealthObserver _observer;
    private readonly HealthMetrics _metrics;
    private readonly SemaphoreSlim _slots = new(ProbesMax);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _applying = new();
    private readonly HashSet<ActiveService> _allOut = [];
    private Task _running = Task.CompletedTask;

    /// <param name="composer">The services that run.</param>
    /// <param name="probe">Makes the probe of an upstream that has a check.</param>
    /// <param name="resetSessions">Resets the sessions on an upstream of this name.</param>
    /// <param name="observer">Hears of every check.</param>
    /// <param name="time">The clock.</param>
    public HealthMonitor(
        ServiceComposer composer,
        Func<UpstreamConfiguration, IProbe> probe,
        Action<ActiveService, string> resetSessions,
        IHealthObserver observer,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentNullException.ThrowIfNull(probe);
        _composer = composer;
        _resetSessions = resetSessions;
        _observer = observer;
        _checked =
        [
            .. from service in composer.Services
               from index in Enumerable.Range(0, service.Configuration.Upstreams.Length)
               let upstream = service.Configuration.Upstreams[index]
               where upstream.HealthCheck is not null
               select new CheckedUpstream(service, index, probe(upstream), time),
        ];
        _metrics = new HealthMetrics(() => _checked.Select(c =>
            (c.Service.Configuration.Name, c.Configuration.Name, c.Health, composer.Look(c.Service).Serving[c.Index])));
        _byPlace = _checked.ToImmutableDictionary(c => (c.Service, c.Index));
    }

    /// <summary>How many upstreams are checked.</summary>
    public int CheckedCount => _checked.Length;

    /// <summary>What is known of an upstream.</summary>
    /// <param name="service">One of the composer's.</param>
    /// <param name="upstream">Its place in the configured list.</param>
    public UpstreamHealth Of(ActiveService service, int upstream) =>
        _byPlace.TryGetValue((service, upstream), out CheckedUpstream? known) ? known.Health : UpstreamHealth.Unchecked;

    /// <summary>Begins to check: each upstream for the first time at once, one shortly after another, then in its interval.</summary>
    public void Start()
    {
        if (_checked.IsEmpty) return;
        TimeSpan shortest = _checked.Min(c => c.Configuration.HealthCheck!.Interval);
        _running = Task.WhenAll(_checked.Select((c, i) =>
            Task.Run(() => c.RunAsync(StartAfter(i, _checked.Length, shortest), _slots, Apply, _stop.Token))));
    }

    /// <summary>When one of so many upstreams is first checked, after the start. Pure.</summary>
    internal static TimeSpan StartAfter(int index, int count, TimeSpan shortest) =>
        Math.Floor(Math.Min(index, shortest / Apart * index / count)) * Apart;

    /// <summary>Stops; checks that are under way are given up.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _metrics.Dispose();
    }

    private void Apply(CheckedUpstream upstream, UpstreamHealth before, UpstreamHealth after)
    {
        (ActiveService service, string name) = (upstream.Service, upstream.Configuration.Name);
        if (after.IsServing != before.IsServing) Publish(service, upstream.Index, after.IsServing);
        bool wentDown = after.State == HealthState.Down && before.State != HealthState.Down;
        if (wentDown && upstream.Configuration.HealthCheck!.ResetOnDown) _resetSessions(service, name);
        _metrics.Count(service.Configuration.Name, name, before, after);
        _observer.Checked(service.Configuration.Name, name, before, after);
    }

    private void Publish(ActiveService service, int upstream, bool healthy)
    {
        // Said in the order in which it happens, whichever upstreams change at once.
        lock (_applying)
        {
            bool allOut = !_composer.SetHealthy(service, upstream, healthy);
            if (allOut ? _allOut.Add(service) : _allOut.Remove(service)) _observer.AllOut(service.Configuration.Name, allOut);
        }
    }
}
