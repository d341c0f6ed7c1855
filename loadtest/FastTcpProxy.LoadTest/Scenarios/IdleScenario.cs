using System.Collections.Concurrent;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>Connections that stay open and say nothing, and wake up all at once in the end.</summary>
internal sealed class IdleScenario : Scenario
{
    public override string Name => "idle";
    public override string Summary => "connections that open at --rate, stay open and silent for as long again, and then all speak at once";
    public override int Rate => 900;
    public override TimeSpan Duration => TimeSpan.FromSeconds(10);

    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(1);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections((int)(options.Rate * options.Duration.TotalSeconds));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
        [new("all.errors", Max: 0), new("wake.silent.errors", Max: 0), new("memory_per_idle_bytes", Max: 16_384),
            new("wake.silent.p99_ms", Max: 10_000)];

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Idle(options));

    private sealed class Idle(LoadOptions options) : ProxyStage(options, [ArrivalSegment.PerSecond(options.Rate, options.Duration)])
    {
        private readonly ConcurrentBag<Client> _held = [];

        /// <summary>Opens a connection and leaves it to the stage.</summary>
        protected override async Task<StepResult> RunStepAsync(CancellationToken stop)
        {
            Client client = new(stop, patience: 2 * Options.Duration + Client.Patience);
            (Fate fate, _) = await client.AskAsync(Target, Request.Echo);
            if (fate == Fate.Served) _held.Add(client);
            else client.Dispose();
            return new StepResult(fate);
        }

        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            record.Phase("opening");
            long before = ResidentBytes;
            await Task.Delay(Timeout.Infinite, arrivalsEnded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            record.Phase("silent");
            await Task.Delay(Options.Duration, CancellationToken.None);
            Client[] held = [.. _held];
            record.Figure("idle_connections", held.Length, "connections");
            if (held.Length > 0)
                record.Figure("memory_per_idle_bytes", Math.Round((double)(ResidentBytes - before) / held.Length), "bytes");
            TimeSpan due = record.Elapsed;
            await Task.WhenAll(held.Select(async client =>
            {
                Fate fate = await client.EchoAsync();
                record.Observe("wake", due, new StepResult(fate));
            }));
            await Task.WhenAll(held.Select(client => client.EndAsync()));
        }

        public override ValueTask DisposeAsync()
        {
            foreach (Client client in _held) client.Dispose();
            return base.DisposeAsync();
        }
    }
}
