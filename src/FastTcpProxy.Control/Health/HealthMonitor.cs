using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Health.Rules;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// Checks the upstreams of all services, those that are out too, and takes them out or puts them back. Driven by one task at a time;
/// <see cref="Verdicts"/> is for any thread. The checks run on the thread pool, never on a loop.
/// </summary>
public sealed class HealthMonitor : IAsyncDisposable
{
    /// <summary>Probes under way at once, each with one socket. Further probes wait for their turn.</summary>
    public const int ProbesMax = 1024;

    /// <summary>
    /// Starts are this far apart. When that would take longer than the shortest interval, several start together, so that their work wakes
    /// fewer threads: at an interval of 1 s there are 50 such moments.
    /// </summary>
    internal static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(20);

    private readonly ServiceComposer _composer;
    private readonly Func<UpstreamConfiguration, IProbe> _probe;
    private readonly Action<ActiveService, string> _resetSessions;
    private readonly IHealthObserver _observer;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly SemaphoreSlim _slots;
    private readonly Lock _applying = new();
    private readonly HashSet<ActiveService> _noneUp = [];

    // Not before the start has restored overrides and looked names up.
    private bool _follows;
    private ImmutableDictionary<ActiveUpstream, CheckedUpstream> _checked = ImmutableDictionary<ActiveUpstream, CheckedUpstream>.Empty;

    /// <param name="composer">The services that run.</param>
    /// <param name="probe">Makes the probe of an upstream that has a check.</param>
    /// <param name="resetSessions">Resets the sessions on an upstream of this name.</param>
    /// <param name="observer">Is told of every check.</param>
    /// <param name="time">The clock.</param>
    /// <param name="background">Runs the checks, and counts the defects of their observers.</param>
    /// <param name="probesMax">Probes under way at once; less than <see cref="ProbesMax"/> where there are few descriptors.</param>
    public HealthMonitor(
        ServiceComposer composer,
        Func<UpstreamConfiguration, IProbe> probe,
        Action<ActiveService, string> resetSessions,
        IHealthObserver observer,
        TimeProvider time,
        BackgroundWork? background = null,
        int probesMax = ProbesMax)
    {
        ArgumentNullException.ThrowIfNull(composer);
        _composer = composer;
        _probe = probe;
        _resetSessions = resetSessions;
        _observer = observer;
        _time = time;
        _slots = new SemaphoreSlim(probesMax);
        _background = background ?? new BackgroundWork();
    }

    /// <summary>What checks have found out about the present upstreams, for a process that takes over from this one. Any thread.</summary>
    public ImmutableArray<HealthVerdict> Verdicts =>
    [
        .. from upstream in Checkable()
           let health = upstream.Health
           let configuration = upstream.Configuration
           where health.Last is not null && configuration.HealthCheck is not null
           select VerdictRule.From(upstream.Service.Name, configuration.Name, configuration.Address.Text,
               CheckFingerprint.Of(configuration.HealthCheck!), health),
    ];

    /// <summary>
    /// Begins with what another process has found out, where it has checked the same server in the same way. Once, before the first
    /// <see cref="ReconcileAsync"/>, and before the engine starts: so that no client gets to an upstream that is known to be down.
    /// </summary>
    /// <returns>Upstreams for which something was known.</returns>
    public int Restore(ImmutableArray<HealthVerdict> verdicts)
    {
        if (verdicts.IsDefaultOrEmpty) return 0;
        int restored = 0;
        // The list comes from another process: of two verdicts for one upstream, either is used.
        Dictionary<(string, string, string, string), HealthVerdict> known = [];
        foreach (HealthVerdict verdict in verdicts) known[(verdict.Service, verdict.Upstream, verdict.Address, verdict.Check)] = verdict;
        foreach (ActiveUpstream upstream in Checkable())
        {
            UpstreamConfiguration configuration = upstream.Configuration;
            string check = CheckFingerprint.Of(configuration.HealthCheck!);
            if (!known.TryGetValue((upstream.Service.Name, configuration.Name, configuration.Address.Text, check),
                out HealthVerdict? verdict))
                continue;
            if (_composer.TrySetHealth(upstream, upstream.Health, VerdictRule.ToHealth(verdict, _time.GetUtcNow()))) restored++;
        }
        return restored;
    }

    /// <summary>
    /// Checks the upstreams that the services have now: those that it did not check yet, or not in this way, for the first time at once,
    /// one shortly after another, then in their interval. What was found out about a server is kept when only its check has changed. Checks
    /// of the others end.
    /// </summary>
    public async Task ReconcileAsync()
    {
        ImmutableDictionary<ActiveUpstream, CheckedUpstream> before = _checked;
        ActiveUpstream[] wanted = [.. Checkable()];
        Dictionary<ActiveUpstream, CheckedUpstream> after =
            wanted.ToDictionary(u => u, u => Keep(before, u) ?? new CheckedUpstream(u, _probe(u.Configuration), _time, _background));
        CheckedUpstream[] added = [.. wanted.Select(u => after[u]).Where(c => before.GetValueOrDefault(c.Upstream) != c)];
        CheckedUpstream[] removed = [.. before.Values.Where(c => after.GetValueOrDefault(c.Upstream) != c)];
        lock (_applying)
        {
            // From here on the results of removed checks are ignored.
            Volatile.Write(ref _checked, after.ToImmutableDictionary());
            if (!_follows) _composer.Changed += Follow;
            _follows = true;
            TellAnyUp();
        }
        await Task.WhenAll(removed.Select(c => c.StopAsync()));
        if (added.Length == 0) return;
        TimeSpan shortest = added.Min(c => c.Configuration.HealthCheck!.Interval);
        long now = _time.GetTimestamp();
        for (int i = 0; i < added.Length; i++)
        {
            long first = now + (long)(StartAfter(i, added.Length, shortest).TotalSeconds * _time.TimestampFrequency);
            added[i].Start(first, _slots, Apply);
        }
    }

    /// <summary>When one of so many upstreams is first checked, after the start. Pure.</summary>
    internal static TimeSpan StartAfter(int index, int count, TimeSpan shortest) =>
        Math.Floor(Math.Min(index, shortest / Apart * index / count)) * Apart;

    /// <summary>Stops; checks that are under way are given up.</summary>
    public async ValueTask DisposeAsync()
    {
        _composer.Changed -= Follow;
        ImmutableDictionary<ActiveUpstream, CheckedUpstream> before =
            Interlocked.Exchange(ref _checked, ImmutableDictionary<ActiveUpstream, CheckedUpstream>.Empty);
        await Task.WhenAll(before.Values.Select(c => c.StopAsync()));
    }

    private IEnumerable<ActiveUpstream> Checkable() =>
        from service in _composer.Services
        from place in service.Rotation.Places
        where place.Configuration.HealthCheck is not null
        select place.Upstream;

    private static CheckedUpstream? Keep(ImmutableDictionary<ActiveUpstream, CheckedUpstream> before, ActiveUpstream upstream) =>
        before.TryGetValue(upstream, out CheckedUpstream? known) && known.CanStay ? known : null;

    private void Apply(CheckedUpstream upstream, UpstreamHealth before, UpstreamHealth after)
    {
        (ActiveService service, string name) = (upstream.Upstream.Service, upstream.Configuration.Name);
        // Reported in the order in which it happens, also when several upstreams change at once. For one upstream the result of its check
        // comes before its effect on the service.
        lock (_applying)
        {
            // A reload is in force before this monitor follows: a check that begins in between asks what was configured before.
            if (_checked.GetValueOrDefault(upstream.Upstream) != upstream || !upstream.IsCurrent) return;
            if (!_composer.TrySetHealth(upstream.Upstream, before, after)) return;
            // It was only put off.
            if (after.Checks == before.Checks) return;
            Count(upstream.Upstream, before, after);
            _background.Guard(CheckedUpstream.Work, () => _observer.Checked(service.Name, name, before, after));
            TellAnyUp(service);
        }
        bool wentDown = after.State == HealthState.Down && before.State != HealthState.Down;
        // Each separately: when one fails, the others still run.
        if (wentDown && upstream.Configuration.HealthCheck!.ResetOnDown)
            _background.Guard(CheckedUpstream.Work, () => _resetSessions(service, name));
    }

    private static void Count(ActiveUpstream upstream, UpstreamHealth before, UpstreamHealth after)
    {
        CheckCounts check = new()
        {
            Good = after.Unknown is null && after.Last!.IsGood ? 1 : 0,
            Bad = after.Unknown is null && !after.Last!.IsGood ? 1 : 0,
            Unknown = after.Unknown is null ? 0 : 1,
            Transitions = after.Transitions - before.Transitions,
        };
        check.Duration.Add((long)after.Latest!.Duration.TotalMicroseconds);
        upstream.Activity.CountCheck(check);
    }

    /// <summary>An operator or a name has changed who is up.</summary>
    private void Follow()
    {
        lock (_applying) TellAnyUp();
    }

    /// <summary>A configuration can cause it too, by an upstream that is added, removed, enabled or disabled.</summary>
    private void TellAnyUp()
    {
        ImmutableArray<ActiveService> services = _composer.Services;
        _noneUp.IntersectWith(services);
        foreach (ActiveService service in services) TellAnyUp(service);
    }

    private void TellAnyUp(ActiveService service)
    {
        Rotation rotation = service.Rotation;
        bool isAnyUp = rotation.IsAnyUp;
        if (isAnyUp ? _noneUp.Remove(service) : _noneUp.Add(service))
            _background.Guard(CheckedUpstream.Work, () => _observer.AnyUp(service.Name, isAnyUp, rotation.Counts));
    }
}
