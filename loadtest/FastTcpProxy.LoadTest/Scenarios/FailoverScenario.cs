using System.Collections.Immutable;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>The primary fails in each way in which servers do, one after the other, with a time of health after each.</summary>
internal sealed class FailoverScenario : Scenario
{
    /// <summary>
    /// No fault of the primary: the proxy is stopped for a third of the phase, and no one may be held to account for that.
    /// </summary>
    private const string Paused = "paused";

    /// <summary>In this order; "after_" each of them is a phase of its own.</summary>
    public static readonly ImmutableArray<string> Faults = ["refused", "reset", "silent", "slow", "checked", "disabled", Paused];

    /// <summary>Phases of equal length: the first is a steady one.</summary>
    private static readonly int PhasesCount = 1 + 2 * Faults.Length;

    public override string Name => "failover";
    public override string Summary => "the primary refuses, resets, is silent, is slow to accept, is found ill by its check, "
        + "is disabled by an operator, and the proxy itself is stopped: how long clients wait";
    public override int Rate => 100;
    public override TimeSpan Duration => TimeSpan.FromSeconds(10 * PhasesCount);

    /// <summary>A second for each phase.</summary>
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(PhasesCount);

    public override Needs NeedsOf(LoadOptions options) =>
        Needs.ForConnections((int)(options.Rate * (options.ConnectTimeout.TotalSeconds + 2)));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options)
    {
        double waited = options.ConnectTimeout.TotalMilliseconds, phase = PhaseOf(options).TotalSeconds;
        // A client that was proxied to a server cannot be given another one: in the phase "reset" clients lose their connection, and
        // nowhere else.
        List<Threshold> thresholds = [.. new[] { "steady", "refused", "silent", "slow", "checked", "disabled",
            Paused }.Select(p => new Threshold($"{p}.errors", Max: 0))];
        thresholds.AddRange(Faults.Select(fault => new Threshold($"after_{fault}.errors", Max: 0)));
        thresholds.Add(new Threshold("refused.p99_ms", Max: 500));
        // What a pause cost in time is no one's failure: no connect, and no check.
        thresholds.AddRange([new($"{Paused}.failed_over", Max: 0), new($"after_{Paused}.failed_over", Max: 0)]);
        // In a phase that is shorter than the timeout, clients are served when the primary is back.
        thresholds.Add(new Threshold("silent.p99_ms", Max: waited + 500, Min: phase * 1000 > waited ? waited * 0.99 : null));
        // The check finds it within a few of its intervals, the operator acts after a third of the phase.
        if (phase >= 8) thresholds.AddRange([new("checked.recover_s", Max: 5), new("disabled.recover_s", Max: phase / 3 + 1)]);
        return thresholds;
    }

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Failover(options), isChecked: true);

    private static TimeSpan PhaseOf(LoadOptions options) => options.Duration / PhasesCount;

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(50);

    private sealed class Failover(LoadOptions options) : ProxyStage(options, [ArrivalSegment.PerSecond(options.Rate, options.Duration)])
    {
        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            record.Phase("steady");
            record.Note($"silent: {A.SilentMeans}; slow: ten connections a second from a queue of one; reset: right after the accept");
            if (!Proxy.HasChecks)
                record.Note("this proxy has no checks of its own: in the phase \"checked\" nothing takes the primary out");
            TimeSpan phase = PhaseOf(Options), at = phase;
            foreach (string fault in Faults)
            {
                await UntilAsync(record, at, arrivalsEnded);
                record.Phase(fault);
                // Those that began before the phase are still on their way to the upstream: the fault is not theirs.
                await Task.Delay(Settle, CancellationToken.None);
                if (fault == Paused) await Proxy.PauseAsync(phase / 3);
                else await BeginAsync(fault);
                if (fault == "disabled")
                {
                    await UntilAsync(record, at + phase / 3, arrivalsEnded);
                    await Proxy.DisableAsync();
                }
                at += phase;
                await UntilAsync(record, at, arrivalsEnded);
                await EndAsync(fault);
                record.Phase("after_" + fault);
                at += phase;
            }
        }

        private async Task BeginAsync(string fault)
        {
            if (fault == "checked") Health!.SetIll("a");
            await A.SetAsync(fault switch
            {
                "refused" => BackendMode.Refused,
                "reset" => BackendMode.Reset,
                "slow" => BackendMode.Slow,
                _ => BackendMode.Silent,
            });
        }

        private async Task EndAsync(string fault)
        {
            await A.SetAsync(BackendMode.Up);
            if (fault == "checked") Health!.SetIll(null);
            if (fault == "disabled") await Proxy.EnableAsync();
        }
    }
}
