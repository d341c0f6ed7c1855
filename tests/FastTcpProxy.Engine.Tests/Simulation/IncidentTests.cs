using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;
using static FastTcpProxy.Engine.Tests.Simulation.Incident;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>What clients wait when something happens to the first upstream, with hedges, suspicion and a ramp, and without.</summary>
public sealed class IncidentTests(ITestOutputHelper output)
{
    private const int Rate = 300;

    [Fact]
    public void SilentForAMinute_WithoutTheKeys_CostsEachClientTheTimeout()
    {
        Incident incident = new Incident(Rate, 30).At(5, Silence).Run(d => d);
        Assert.InRange(Percentile(incident.Waits(5, 30), 1), 5_000, 5_050);
    }

    [Fact]
    public void SilentForAMinute_CostsClientsNothing()
    {
        Incident incident = new Incident(Rate, 75).At(5, Silence).At(65, Accept).Run();
        List<double> waits = incident.Waits(5, 65);
        double late = 100.0 * waits.Count(w => w > 300) / waits.Count;
        Tell(incident, 5, 65);
        output.WriteLine($"over 300 ms: {late:0.00} %; extra connects {incident.Extra(5, 65):0.00} %");
        Assert.InRange(Percentile(waits, 99), 0, 10);
        Assert.InRange(Percentile(incident.Waits(5, 6), 99), 0, 300);
        Assert.InRange(late, 0, 0.3);
        Assert.InRange(incident.Extra(5, 65), 0, 1);
        Assert.InRange(incident.Extra(0, 5), 0, 0.5);
        Assert.Equal(StandingState.Returning, incident.Standing.Silence.State);
        // A probe in vain makes it suspect no second time.
        Assert.Equal(1, incident.Counts.First.Suspected);
        Assert.InRange(incident.Counts.First.Probes, 5, 10);
    }

    /// <summary>The two servers are the addresses of one name: that the second accepts says nothing of the first.</summary>
    [Fact]
    public void FirstAddressOfANameIsSilent_CostsClientsNothing()
    {
        Incident incident = new Incident(Rate, 45).At(5, Silence).At(35, Accept).Run(d => AllKeys(d) with
        {
            Upstreams = [d.Upstreams[0] with { Addresses = [d.Upstreams[0].Addresses[0], d.Upstreams[1].Addresses[0]] }],
        });
        Tell(incident, 5, 35);
        Assert.InRange(Percentile(incident.Waits(5, 35), 99), 0, 10);
        Assert.InRange(Percentile(incident.Waits(5, 35), 100), 0, 300);
        Assert.InRange(incident.Extra(5, 35), 0, 1);
        Assert.Equal(StandingState.Returning, incident.Standing.Silence.State);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(1_000)]
    public void AcceptsLate_IsLearnedAsSlowAndKeepsItsClients(int milliseconds)
    {
        Incident incident = new Incident(Rate, 45).At(5, h => h.DelayUs = milliseconds * 1_000).Run();
        Tell(incident, 5, 45);
        output.WriteLine($"on the first: {incident.OnFirst(5, 35):0.0} %, then {incident.OnFirst(35, 45):0.0} %");
        Assert.InRange(incident.OnFirst(35, 45), 90, 100);
    }

    /// <summary>The attempts whose packets are lost are watched when it begins, and say nothing of it.</summary>
    /// <param name="everyNth">Of the clients just before, which ones are lost.</param>
    [Theory]
    [InlineData(150)]
    [InlineData(10)]
    public void AcceptsLate_AfterLostPackets_IsLearnedAsSlowAtOnce(int everyNth)
    {
        int connects = 0;
        Incident incident = new(Rate, 12);
        incident.First.NextDelayUs = () => incident.World.Clock.NowUs switch
        {
            < 4_000_000 => 1_000,
            < 5_000_000 => ++connects % everyNth == 0 ? 4_000_000 : 1_000,
            _ => 1_020_000,
        };
        incident.Run();
        Tell(incident, 5, 12);
        Assert.Equal(0, incident.Standing.Silence.Level);
        Assert.InRange(incident.OnFirst(8, 12), 90, 100);
    }

    /// <summary>As an overload ends: from then on clients leave it before it counts as silent, so only observers find out.</summary>
    [Fact]
    public void SilentAfterItWasSlow_IsFoundOutByObservers()
    {
        Incident incident = new Incident(10, 60).At(5, h => h.DelayUs = 800_000).At(30, Silence).Run();
        Tell(incident, 30, 60);
        Assert.InRange(Percentile(incident.Waits(40, 60), 99), 0, 10);
    }

    [Fact]
    public void LostPackets_AreNoSuspicion()
    {
        Random random = new(7);
        Incident incident = new(Rate, 20);
        // A lost SYN is sent again after a second (RFC 6298, 2.1 and 5.7).
        incident.First.NextDelayUs = () => random.NextDouble() < 0.01 ? 1_001_000 : 1_000;
        incident.Run();
        Tell(incident, 1, 20);
        Assert.Equal(0, incident.Counts.First.Suspected);
        Assert.InRange(Percentile(incident.Waits(1, 20), 99), 0, 250);
        Assert.InRange(incident.OnFirst(1, 20), 98, 100);
    }

    /// <param name="isSentAgain">Whether the kernel sends the packets of a connect again, so that old attempts are answered late.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Returns_WithItsShareFirst(bool isSentAgain)
    {
        Incident incident = new(600, 28);
        if (isSentAgain) incident.Outage(2, 10);
        else incident.At(2, Silence).At(10, Accept);
        incident.Run();
        Tell(incident, 10, 28);
        double back = Enumerable.Range(100, 100).Select(t => t / 10.0).First(t => incident.OnFirst(t, t + 0.1) > 2);
        double[] shares = [.. Enumerable.Range(0, 10).Select(s => incident.OnFirst(back + s, back + s + 1))];
        output.WriteLine($"back at {back} s: {string.Join(", ", shares.Select(s => $"{s:0.0}"))} %");
        // To a client: the seconds are counted from the first tenth in which it has some.
        Assert.InRange(shares[0], 5, 10.5);
        for (int i = 1; i < shares.Length; i++) Assert.InRange(shares[i], shares[i - 1] - 0.5, shares[i - 1] + 5);
    }

    /// <param name="isSentAgain">Whether the kernel sends the packets of a connect again.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flaps_AreHeldForLongerEachTime(bool isSentAgain)
    {
        Incident incident = new(Rate, 60);
        for (int s = 5; s < 50; s += 6)
        {
            if (isSentAgain) incident.Outage(s, s + 3);
            else incident.At(s, Silence).At(s + 3, Accept);
        }
        incident.Run();
        Tell(incident, 5, 50);
        output.WriteLine($"level {incident.Standing.Silence.Level}");
        Assert.InRange(Percentile(incident.Waits(5, 50), 99), 0, 300);
        Assert.InRange(incident.Standing.Silence.Level, 2, Standing.LevelMax);
    }

    [Fact]
    public void Refuses_ClientsGoOnAtOnceAndNothingIsHeldAgainstIt()
    {
        Incident incident = new Incident(Rate, 20).At(5, h => h.Behavior = ConnectBehavior.Refuse).At(15, Accept).Run();
        Assert.InRange(Percentile(incident.Waits(5, 15), 99), 0, 10);
        Assert.Equal(0, incident.Counts.First.Suspected);
        Assert.Equal(100, incident.OnFirst(16, 20));
    }

    [Fact]
    public void BothSilent_EachClientTriesBoth()
    {
        Incident incident = new(100, 20);
        incident.Second.Behavior = ConnectBehavior.Silent;
        incident.At(0, Silence).At(10, Accept).Run();
        // All suspect is none suspect: those that wait when it is back are served.
        Assert.All(incident.Waits(11, 20), w => Assert.InRange(w, 0, 1_000));
    }

    /// <summary>Over every second of an incident of which the budget alone decides.</summary>
    [Theory]
    [InlineData(5, 10, 100)]
    [InlineData(0, 1, 1)]
    [InlineData(100, 0, 100)]
    public void ExtraConnects_AreWithinTheBudget(int percent, int perSecond, int burst)
    {
        const int seconds = 30;
        HedgePolicy hedge = new() { Percent = percent, PerSecond = perSecond, Burst = burst };
        Incident incident = new Incident(Rate, seconds).At(2, Silence).Run(d => d with { Hedge = hedge });
        long started = new[] { HedgeResult.Won, HedgeResult.Lost, HedgeResult.Failed, HedgeResult.Promoted, HedgeResult.Abandoned }
            .Sum(r => incident.Counts.Service.Hedges[(int)r]);
        double most = percent / 100.0 * Rate * seconds + perSecond * (seconds + 11) + burst;
        output.WriteLine($"{started} second attempts, at most {most}");
        Assert.InRange(started, most * 0.7, most);
    }

    private static void Silence(SimHost host) => host.Behavior = ConnectBehavior.Silent;

    private static void Accept(SimHost host) => host.Behavior = ConnectBehavior.Accept;

    private void Tell(Incident incident, double from, double to)
    {
        List<double> waits = incident.Waits(from, to);
        output.WriteLine($"{waits.Count} clients, wait p50 {Percentile(waits, 50):0.0}, p99 {Percentile(waits, 99):0.0}, "
            + $"most {waits[^1]:0} ms; suspected {incident.Counts.First.Suspected}, probes {incident.Counts.First.Probes}");
        foreach (HedgeResult result in Enum.GetValues<HedgeResult>())
            output.WriteLine($"  {result}: {incident.Counts.Service.Hedges[(int)result]}");
    }
}
