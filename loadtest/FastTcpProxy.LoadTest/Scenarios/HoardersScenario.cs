using System.Globalization;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>
/// Attackers make one service keep as many bytes as they can, in little memory; the arrivals are the clients of its neighbour, who must not
/// feel it.
/// </summary>
internal sealed class HoardersScenario : Scenario
{
    /// <summary>The neighbour's short connections a second, and its sessions that last.</summary>
    private const int NeighbourRate = 200, NeighbourSessions = 20;

    /// <summary>
    /// Of the duration: until the proxy's code is compiled; before the first attack; the attackers' arrival and the time in which what they
    /// send fills up; their stay; their end.
    /// </summary>
    private const double WarmUpPart = 0.08, QuietPart = 0.14, ArrivePart = 0.12, FillPart = 0.06, StayPart = 0.16, LeavePart = 0.05;

    private const string Quiet = "quiet";
    private static readonly string[] Kinds = ["writers", "readers"];

    public override string Name => "hoarders";
    public override string Summary => "--rate attackers send to an upstream that reads nothing, then as many read nothing from one that "
        + "sends without end; the arrivals are clients of another service, in little memory";
    public override int Rate => 3_000;
    public override int? MemoryMib => 256;

    /// <summary>The shortest phase, an attack that stays, has two seconds: 400 clients of the neighbour.</summary>
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(15);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(options.Rate + NeighbourRate * 2);

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
    [
        new("all.errors", Max: 0),
        .. Kinds.SelectMany(kind => (Threshold[])
        [
            new($"session.{kind}_arrive.errors", Max: 0), new($"session.{kind}.errors", Max: 0),
            new($"{Hoarders.Series}.{kind}_arrive.errors", Max: 0),
            new($"{kind}.p99_ms/{Quiet}.p99_ms", Max: 2),
        ]),
    ];

    public override Task<IStage> SetUpAsync(LoadOptions options)
    {
        // With the kernel's defaults the sockets of 1,000 attackers use up the TCP memory of a machine of 24 GiB (net.ipv4.tcp_mem), and
        // every connection of the machine stalls: that is the kernel's limit and hides the proxy's. The tuning guide has the same values.
        if (NetworkNamespace.IsInside)
        {
            File.WriteAllText("/proc/sys/net/ipv4/tcp_rmem", "4096 131072 131072");
            File.WriteAllText("/proc/sys/net/ipv4/tcp_wmem", "4096 16384 131072");
        }
        return ProxyStage.StartAsync(new Attacked(options), connections: 2 * options.Rate + 1_000);
    }

    private sealed class Attacked(LoadOptions options) : ProxyStage(options, [ArrivalSegment.PerSecond(NeighbourRate, options.Duration)])
    {
        protected override Task<StepResult> RunStepAsync(CancellationToken stop) =>
            Client.ExchangeAsync(Setup.Neighbour, stop, Observers.NeighbourUpstream);

        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            record.Phase("warm_up");
            record.Note(NetworkNamespace.IsInside
                ? "sockets hold at most 128 KiB each way in the kernel"
                : "the kernel's socket buffers are the machine's: net.ipv4.tcp_mem may be used up before the proxy's buffers are");
            Task sessions = Observers.WatchSessionsAsync(record, Setup.Neighbour, NeighbourSessions, Options.Duration, arrivalsEnded);
            A.SocketBufferBytes = Hoarders.SocketBufferBytes;
            await UntilAsync(record, WarmUpPart * Options.Duration, arrivalsEnded);
            record.Phase(Quiet);
            double at = WarmUpPart + QuietPart;
            foreach (string kind in Kinds)
            {
                await UntilAsync(record, at * Options.Duration, arrivalsEnded);
                record.Phase(kind + "_arrive");
                if (kind == Kinds[0]) await A.SetAsync(BackendMode.Deaf);
                using Hoarders attackers = new(Target, writes: kind == Kinds[0]);
                await attackers.ArriveAsync(record, Options.Rate, ArrivePart * Options.Duration, arrivalsEnded);
                await UntilAsync(record, (at + ArrivePart + FillPart) * Options.Duration, arrivalsEnded);
                record.Phase(kind);
                double cpu = CpuSeconds;
                TimeSpan begin = record.Elapsed;
                at += ArrivePart + FillPart + StayPart;
                await UntilAsync(record, at * Options.Duration, arrivalsEnded);
                Note(record, kind, attackers.Held, (CpuSeconds - cpu) / (record.Elapsed - begin).TotalSeconds);
                record.Phase($"after_{kind}");
                attackers.Dispose();
                await A.SetAsync(BackendMode.Up);
                at += LeavePart;
            }
            await sessions;
            if (Proxy.Memory is not { } group) return;
            record.Figure("group_killed", group.Killed, "processes");
            if (group.BytesMax is { } bytes) record.Figure("group_memory_max_mib", bytes >> 20, "MiB");
        }

        private double CpuSeconds => ProcessTree.Of(ProxyProcessId).Sum(ProcessSampler.CpuSeconds);

        private void Note(IRecord record, string kind, int held, double cores)
        {
            record.Figure($"{kind}_held", held, "attackers");
            record.Figure($"{kind}_proxy_cores", Math.Round(cores, 3), "cores");
            // Of the whole machine, in pages: "TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 3".
            string[] tcp = File.ReadLines("/proc/net/sockstat").First(l => l.StartsWith("TCP:", StringComparison.Ordinal)).Split(' ');
            record.Figure($"{kind}_kernel_tcp_mib",
                long.Parse(tcp[^1], CultureInfo.InvariantCulture) * Environment.SystemPageSize >> 20, "MiB");
        }
    }
}
