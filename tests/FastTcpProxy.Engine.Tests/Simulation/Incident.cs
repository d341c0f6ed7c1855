using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// Two upstreams, of which something happens to the first, and clients that come at a steady rate and talk for a moment. One thread; owned
/// by a test.
/// </summary>
internal sealed class Incident
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(10), PeerStep.HalfClose, PeerStep.AwaitEnd];

    private static readonly long[] SentAgainSeconds = [1, 2, 3, 4, 5, 7, 11, 19];

    private readonly SessionHarness _harness = new();
    private readonly List<(long AtMs, Action<SimHost> What)> _events = [];
    private readonly int _rate;
    private readonly int _seconds;

    /// <param name="rate">Clients in a second.</param>
    /// <param name="seconds">For how long they come.</param>
    public Incident(int rate, int seconds)
    {
        (_rate, _seconds) = (rate, seconds);
        First = _harness.AddUpstream(delayUs: 1_000);
        Second = _harness.AddUpstream(delayUs: 1_000);
    }

    public SimHost First { get; }

    public SimHost Second { get; }

    public AddressStanding Standing => _harness.Service.Definition.Upstreams[0].Addresses[0].Standing;

    public SimWorld World => _harness.World;

    /// <summary>What was counted, of the service and of the first upstream.</summary>
    public (ServiceCounts Service, UpstreamCounts First, UpstreamCounts All) Counts { get; private set; }

    /// <summary>Every key that avoids a wait, with its defaults.</summary>
    public static ServiceDefinition AllKeys(ServiceDefinition definition) => definition with
    {
        Hedge = HedgePolicy.Default,
        Suspect = SuspectPolicy.Default,
        Passive = PassivePolicy.Default,
        Failback = FailbackPolicy.Default,
    };

    /// <summary>Something happens to the first upstream.</summary>
    public Incident At(double second, Action<SimHost> what)
    {
        _events.Add(((long)(second * 1_000), what));
        return this;
    }

    /// <summary>
    /// The first upstream gets no packet between two seconds. The kernel sends those of a connect again: each second at first, then after
    /// twice the time (tcp_syn_linear_timeouts, ip-sysctl), so what waits is answered after the end.
    /// </summary>
    public Incident Outage(double from, double to)
    {
        Func<long>? before = First.NextDelayUs;
        (long fromUs, long toUs) = ((long)(from * 1e6), (long)(to * 1e6));
        First.NextDelayUs = () =>
        {
            long nowUs = World.Clock.NowUs;
            if (nowUs < fromUs || nowUs >= toUs) return before?.Invoke() ?? First.DelayUs;
            long againUs = SentAgainSeconds.Select(s => s * 1_000_000).FirstOrDefault(us => nowUs + us >= toUs, 1_000_000_000);
            return againUs + First.DelayUs;
        };
        return this;
    }

    /// <summary>Runs it to its end.</summary>
    public Incident Run(Func<ServiceDefinition, ServiceDefinition>? configure = null)
    {
        _harness.Start(configure ?? AllKeys);
        foreach ((long atMs, Action<SimHost> what) in _events) World.Schedule(atMs * 1_000, () => what(First));
        int clients = _rate * _seconds;
        for (int i = 0; i < clients; i++)
        {
            World.Schedule(i * 1_000_000L / _rate, () =>
            {
                _harness.Connect(Talk);
                // The ring of records is small.
                if (_harness.Clients.Count % 1_000 == 0) _harness.Collect();
            });
        }
        // What waits, and what is observed, has its whole time.
        World.RunFor((_seconds * 1_000L) + 12_000);
        Assert.Equal(clients, _harness.Collect());
        _harness.AssertClean();
        Assert.Empty(HedgedRuns.Check(_harness));
        MetricsSnapshot metrics = World.Registry.Read();
        Counts = (metrics.AllServices(), _harness.Service.Definition.Upstreams[0].Activity.Counts, metrics.AllUpstreams());
        return this;
    }

    /// <summary>How long the clients waited that came between two seconds, ascending, in milliseconds.</summary>
    public List<double> Waits(double from, double to) =>
        [.. Between(from, to).Select(r => r.Reason.Phase == EndPhase.Relay ? r.ConnectUs / 1_000.0 : double.PositiveInfinity).Order()];

    /// <summary>The percentage of the clients of that time that was proxied to the first upstream.</summary>
    public double OnFirst(double from, double to) => 100.0 * Between(from, to).Count(r => r.UpstreamIndex == 0) / Between(from, to).Count();

    /// <summary>How many attempts the clients of that time made beyond one each, in percent of the clients.</summary>
    public double Extra(double from, double to) => 100.0 * Between(from, to).Sum(r => r.Attempts.Total - 1) / Between(from, to).Count();

    public static double Percentile(List<double> ascending, double percent) =>
        ascending[Math.Min((int)(ascending.Count * percent / 100), ascending.Count - 1)];

    private IEnumerable<SessionRecord> Between(double from, double to) =>
        _harness.Clients.Select(c => c.Records[0]).Where(r => At(r) >= from && At(r) < to);

    private double At(SessionRecord record) => (record.StartedUtcTicks - World.Clock.Epoch.UtcTicks) / 1e7;
}
