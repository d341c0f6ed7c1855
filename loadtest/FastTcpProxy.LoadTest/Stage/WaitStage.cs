using System.Diagnostics;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage.Proxies;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// A stage whose proxy is told to avoid the wait for a primary that does not answer. It counts what that is judged by: clients that waited
/// long, connects beyond one for each client, and servers that accepted a connection which was given up.
/// </summary>
internal abstract class WaitStage(LoadOptions options) : ProxyStage(options, [ArrivalSegment.PerSecond(options.Rate, options.Duration)])
{
    /// <summary>A client that waits longer counts.</summary>
    public const int LongWaitMs = 300;

    private readonly List<PhaseCounts> _phases = [];
    private PhaseCounts? _now;
    private (int A, int B) _servedBefore;

    protected override bool AvoidsWaits => true;

    protected override async Task<StepResult> RunStepAsync(CancellationToken stop)
    {
        PhaseCounts? phase = _now;
        long begin = Stopwatch.GetTimestamp();
        StepResult result = await base.RunStepAsync(stop);
        phase?.Add(Stopwatch.GetElapsedTime(begin), result);
        return result;
    }

    /// <exception cref="StageException">There are no rules to do that with.</exception>
    public static void RequireRules()
    {
        if (!NetworkNamespace.IsInside || !PortRule.IsAvailable)
            throw new StageException("packets are lost here by nftables in a network namespace: run it as root, without --no-namespace "
                + "(Debian: apt-get install nftables)");
    }

    /// <summary>A phase of a length begins, and is waited for.</summary>
    protected async Task PhaseAsync(IRecord record, string name, TimeSpan length, CancellationToken ended)
    {
        PhaseCounts? last = _now;
        PhaseCounts next = new(name);
        // Before the first arrival.
        if (last is null) _servedBefore = (A.Served, B.Served);
        record.Phase(name);
        TimeSpan begin = record.Elapsed;
        _phases.Add(next);
        _now = next;
        next.ExtraAtBegin = await ExtraConnectsAsync();
        if (last is not null) last.ExtraAtEnd = next.ExtraAtBegin;
        await UntilAsync(record, begin + length, ended);
    }

    /// <summary>After the last phase: waits for the last client, and records what was counted.</summary>
    protected async Task EndAsync(IRecord record, CancellationToken ended)
    {
        await Task.Delay(Timeout.Infinite, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_now is not null) _now.ExtraAtEnd = await ExtraConnectsAsync();
        foreach (PhaseCounts phase in _phases)
        {
            double clients = Math.Max(phase.Clients, 1);
            record.Figure($"{phase.Name}.over_{LongWaitMs}_ms_percent", Math.Round(100 * phase.LongWaits / clients, 2), "%");
            if (Proxy is FastTcpProxyProcess)
                record.Figure($"{phase.Name}.extra_connects_percent",
                    Math.Round(100 * (phase.ExtraAtEnd - phase.ExtraAtBegin) / clients, 2), "%");
        }
        int unseen = A.Served - _servedBefore.A + B.Served - _servedBefore.B - _phases.Sum(p => p.Answered);
        record.Figure("accepted_in_vain", unseen, "connections");
    }

    /// <summary>A metric of our own program; 0 of another one.</summary>
    protected async Task<double> MetricAsync(string name, params string[] texts)
    {
        if (Proxy is not FastTcpProxyProcess ours) return 0;
        using AdminClient client = new(ours.AdminSocket);
        return await client.MetricAsync(name, texts);
    }

    private async Task<double> ExtraConnectsAsync() => await MetricAsync("fasttcpproxy_hedges_total", "service=\"main\"")
        - await MetricAsync("fasttcpproxy_hedges_total", "service=\"main\"", "result=\"no");

    /// <summary>Steps that began in a phase. Any thread adds.</summary>
    private sealed class PhaseCounts(string name)
    {
        private int _clients, _longWaits, _answered;

        public string Name => name;

        public int Clients => Volatile.Read(ref _clients);

        public int LongWaits => Volatile.Read(ref _longWaits);

        public int Answered => Volatile.Read(ref _answered);

        public double ExtraAtBegin { get; set; }

        public double ExtraAtEnd { get; set; }

        public void Add(TimeSpan took, StepResult result)
        {
            Interlocked.Increment(ref _clients);
            if (result.IsOk) Interlocked.Increment(ref _answered);
            if (took.TotalMilliseconds > LongWaitMs) Interlocked.Increment(ref _longWaits);
        }
    }
}
