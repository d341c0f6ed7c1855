using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Runs of services that hedge, suspect, eject and ramp: their making, and what must hold of them beyond the rest.</summary>
internal static class HedgedRuns
{
    public static ServiceDefinition Configure(Random? random, ServiceDefinition definition)
    {
        if (random is null) return definition;
        bool Chance(double probability) => random.NextDouble() < probability;
        TimeSpan Ms(int from, int to) => TimeSpan.FromMilliseconds(random.Next(from, to));
        return definition with
        {
            Hedge = Chance(0.8) ? new HedgePolicy
            {
                Delay = Chance(0.3) ? Ms(1, 200) : null, DelayMin = Ms(1, 100), DelayMax = Ms(100, 190),
                Percent = random.Next(101), PerSecond = random.Next(20), Burst = random.Next(1, 10),
            } : null,
            Suspect = Chance(0.6)
                ? new SuspectPolicy { After = random.Next(1, 4), Hold = Ms(100, 1_000), HoldMax = Ms(1_000, 4_000) }
                : null,
            Passive = Chance(0.4)
                ? new PassivePolicy { Resets = random.Next(1, 3), Hold = Ms(100, 2_000), Keep = random.Next(3) }
                : null,
            Failback = Chance(0.5) ? new FailbackPolicy { Ramp = Ms(100, 5_000), Start = random.Next(1, 100) } : null,
            RetryOnReset = Chance(0.5) ? ResetRetry.BeforeClientBytes : ResetRetry.Never,
        };
    }

    public static IEnumerable<string> Check(SessionHarness harness)
    {
        foreach (ClientRun client in harness.Clients)
        {
            if (client.Records is not [SessionRecord record]) continue;
            // Those that broke and have got nothing.
            int replaced = record.Service.RetryOnReset == ResetRetry.Never ? 0
                : client.Upstreams.Count(u => u.Peer.ReceivedBytes == 0 && SessionInvariants.HasBroken(u.Peer));
            if (client.Upstreams.Count - replaced > 1) yield return $"{client.Upstreams.Count} upstreams accepted {client}";
            int connected = 0;
            for (int i = 0; i < record.Attempts.Count; i++)
            {
                if (record.Attempts[i].Outcome != AttemptOutcome.Connected) continue;
                connected++;
                if (record.Service.RetryOnReset == ResetRetry.Never && i != record.Attempts.Total - 1)
                    yield return $"attempts after the one that connected, of {client}";
            }
            int relayed = record.Reason.Phase == EndPhase.Relay ? 1 : 0;
            if (connected < relayed || connected > relayed + replaced) yield return $"{connected} attempts connected, of {client}";
        }
    }
}
