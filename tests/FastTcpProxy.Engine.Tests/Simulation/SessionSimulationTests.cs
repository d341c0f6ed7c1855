using System.Diagnostics;
using System.Globalization;
using System.Text;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Testing.Memory;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// Thousands of seeded runs of everything between accept and record. A failing run names its seed; <c>FASTTCPPROXY_SIM_SEED=n</c> in the
/// environment replays that one alone. <c>FASTTCPPROXY_SIM_SEEDS=n</c> runs as many as that, and <c>FASTTCPPROXY_SIM_FIRST_SEED=n</c>
/// begins with that one.
/// </summary>
public sealed class SessionSimulationTests(ITestOutputHelper output)
{
    private const int SeedsDefault = 5_000;

    private const int HedgedSeedsDefault = 2_000;

    /// <summary>What seeds beyond those have found.</summary>
    private static readonly int[] Found =
    [
        // A send in flight moved, and each poll found its queue empty: the session was closed as idle.
        5794, 53463,
        // The same before the first poll.
        10157, 14507,
        // The end of a stream that a poll had found was no activity in the simulation.
        28629, 38321, 42734,
        // A pause outlasted the wait for cancelled operations.
        51744,
    ];

    private static readonly int[] FoundWithHedges =
    [
        // The time of all attempts was over, and only the younger one was asked whether it was answered.
        2428,
        // The failure of the younger attempt set the timer anew, and the elder one lost the time that it had been given after a pause.
        197_047,
        // Attempts that gave way, one after a pause and one that was a probe, looked like one too many.
        932_563, 935_136,
    ];

    /// <summary>
    /// Long enough for a header, the longest list of timeouts and the slowest transfer of any scenario: one of some ten thousand takes
    /// more than two minutes.
    /// </summary>
    private const long RunMaxMs = 1_200_000;

    private const int FailuresShownMax = 10;

    [Fact]
    public void Session_AnySeed_KeepsItsInvariants()
    {
        long started = Stopwatch.GetTimestamp();
        int first = ReadInt("FASTTCPPROXY_SIM_SEED") ?? ReadInt("FASTTCPPROXY_SIM_FIRST_SEED") ?? 1;
        int count = ReadInt("FASTTCPPROXY_SIM_SEED") is null ? ReadInt("FASTTCPPROXY_SIM_SEEDS") ?? SeedsDefault : 1;
        BufferArena arena = new();
        Tally tally = new();
        StringBuilder failures = new();
        int failed = 0;
        for (int i = first; i < first + count && failed < FailuresShownMax; i++)
        {
            if (Run(i, arena, tally) is not { } failure) continue;
            failed++;
            failures.AppendLine(CultureInfo.InvariantCulture, $"FASTTCPPROXY_SIM_SEED={i}: {failure}");
        }
        output.WriteLine(
            $"{count} seeds in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s; {tally.Splices} splices, {tally.KeptPipes} pipes "
            + $"kept, refused in {tally.Refusals}; {tally.FalseSplices} false splices, {tally.FalseWaits} false waits");
        foreach ((string reason, int times) in tally.Reasons) output.WriteLine($"{times,8} {reason}");
        Assert.True(failed == 0, failures.ToString());
    }

    [Fact]
    public void Session_SeedsThatFailedOnce_KeepTheirInvariants()
    {
        BufferArena arena = new();
        Tally tally = new();
        Assert.All(Found, seed => Assert.Null(Run(seed, arena, tally)));
        Assert.All(FoundWithHedges, seed => Assert.Null(Run(seed, arena, tally, hedges: true)));
    }

    /// <summary>The invariants are worth something only when the runs come to the ends that they speak of.</summary>
    [Fact]
    public void Session_ManySeeds_ReachEveryEndThatChanceCanReach()
    {
        BufferArena arena = new();
        Tally tally = new();
        for (int seed = 100_000; seed < 100_800; seed++) Run(seed, arena, tally);
        string[] expected =
        [
            "client.connect.closed", "client.connect.reset", "client.header.closed", "client.header.invalidHeader", "client.relay.ended",
            "client.relay.reset",
            "proxy.connect.noDescriptor", "proxy.connect.noLocalPort", "proxy.connect.noMemory", "proxy.guard.limitReached",
            "proxy.guard.notTrusted", "proxy.header.timedOut", "proxy.relay.halfClosed", "proxy.relay.idle",
            "upstream.connect.failed", "upstream.connect.refused",
            "upstream.connect.timedOut", "upstream.connect.unreachable", "upstream.connect.unresolved", "upstream.relay.ended",
            "upstream.relay.reset",
        ];
        Assert.Empty(expected.Except(tally.Reasons.Keys));
        Assert.True(tally.FalseSplices > 1_000 && tally.FalseWaits > 1_000,
            $"{tally.FalseSplices} false splices, {tally.FalseWaits} false waits");
        Assert.True(tally.Splices > 10_000 && tally.KeptPipes > 500 && tally.Refusals > 10,
            $"{tally.Splices} splices, {tally.KeptPipes} pipes kept, {tally.Refusals} refused");
    }

    /// <summary>The same of services that hedge, suspect, eject and ramp.</summary>
    [Fact]
    public void Session_AnySeedThatHedges_KeepsItsInvariants()
    {
        int first = ReadInt("FASTTCPPROXY_SIM_SEED") ?? ReadInt("FASTTCPPROXY_SIM_FIRST_SEED") ?? 1;
        int count = ReadInt("FASTTCPPROXY_SIM_SEED") is null ? ReadInt("FASTTCPPROXY_SIM_SEEDS") ?? HedgedSeedsDefault : 1;
        BufferArena arena = new();
        Tally tally = new();
        List<string> failures = [];
        for (int i = first; i < first + count && failures.Count < FailuresShownMax; i++)
        {
            if (Run(i, arena, tally, hedges: true) is { } failure) failures.Add($"FASTTCPPROXY_SIM_SEED={i}: {failure}");
        }
        foreach ((string result, long times) in tally.Hedges) output.WriteLine($"{times,8} {result}");
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
        // Too few clients come at once to fill what there is room for.
        tally.Hedges.Remove($"hedge {HedgeResult.NoRoom}");
        if (count >= HedgedSeedsDefault) Assert.All(tally.Hedges.Values, times => Assert.NotEqual(0, times));
    }

    private static string? Run(int seed, BufferArena arena, Tally tally, bool hedges = false)
    {
        ScenarioGenerator generator = new(seed, arena, hedges);
        SessionHarness harness = generator.Build();
        bool ended = harness.RunToEnd(RunMaxMs, generator.Clients);
        harness.StopListening();
        // What is cancelled completes in the process, which may be stopped now, and is not stopped again.
        harness.World.Faults = harness.World.Faults with { Pause = 0 };
        harness.World.RunUntil(() => harness.World.FindLeak() is null, 2_000 + harness.World.Faults.PauseMaxMs);
        List<string> failures = [.. harness.Failures, .. SessionInvariants.Check(harness)];
        if (!ended) failures.Add("a session did not end");
        if (harness.World.FindLeak() is { } leak) failures.Add(leak);
        if (harness.FindCounted() is { } counted) failures.Add(counted);
        try
        {
            harness.World.Buffers.VerifyAndRelease();
        }
        catch (InvalidOperationException e)
        {
            failures.Add(e.Message);
        }
        foreach (string reason in harness.Clients.SelectMany(c => c.Records).Select(r => r.Reason.ToString()))
        {
            tally.Reasons[reason] = tally.Reasons.GetValueOrDefault(reason) + 1;
        }
        if (hedges) Note(harness, tally, failures);
        SimTransport transport = harness.World.Transport;
        tally.Splices += transport.Splices;
        tally.KeptPipes += transport.KeptPipes;
        tally.FalseSplices += transport.FalseSplices;
        tally.FalseWaits += transport.FalseWaits;
        if (transport.SpliceRefused) tally.Refusals++;
        return failures.Count == 0 ? null : string.Join(Environment.NewLine + "  ", failures);
    }

    private static void Note(SessionHarness harness, Tally tally, List<string> failures)
    {
        failures.AddRange(HedgedRuns.Check(harness));
        MetricsSnapshot metrics = harness.World.Registry.Read();
        ServiceCounts services = metrics.AllServices();
        UpstreamCounts upstreams = metrics.AllUpstreams();
        foreach (HedgeResult result in Enum.GetValues<HedgeResult>()) tally.Add($"hedge {result}", services.Hedges[(int)result]);
        tally.Add("superseded", upstreams.Attempts[(int)AttemptOutcome.Superseded]);
        tally.Add("suspected", upstreams.Suspected);
        tally.Add("probes", upstreams.Probes);
        tally.Add("early ends", upstreams.EarlyEnds);
        tally.Add("ejected", upstreams.Ejected);
        tally.Add("retried", services.Retried);
    }

    /// <summary>What the runs came to.</summary>
    private sealed class Tally
    {
        public SortedDictionary<string, int> Reasons { get; } = new(StringComparer.Ordinal);

        /// <summary>What became of hedges and standings.</summary>
        public SortedDictionary<string, long> Hedges { get; } = new(StringComparer.Ordinal);

        public void Add(string what, long times) => Hedges[what] = Hedges.GetValueOrDefault(what) + times;

        public long Splices { get; set; }

        /// <summary>Pipes that were kept for a slow target.</summary>
        public long KeptPipes { get; set; }

        /// <summary>Splices that said "nothing" or "the end", and waits that said "something", by chance.</summary>
        public long FalseSplices { get; set; }

        public long FalseWaits { get; set; }

        /// <summary>Runs in which splicing was refused in the middle.</summary>
        public int Refusals { get; set; }
    }

    private static int? ReadInt(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
        ? value
        : null;
}
