using System.Collections.Immutable;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Records;

/// <summary>
/// Whose sessions tell their steps. Without a rule that is one test for each client. The process has one; any thread publishes rules, and
/// the loops read them when they accept a client.
/// </summary>
public sealed class StepTracing
{
    /// <summary>Sessions that tell their steps at once; others do not, and are counted.</summary>
    public const int SessionsMax = 256;

    private readonly int _loops;
    private StepRules? _rules;
    private int _sessions;
    private long _sessionsLeftOut;

    /// <param name="loops">How many there are.</param>
    public StepTracing(int loops = 1) => _loops = loops;

    /// <summary>Where the steps come out, one for each loop; empty before the first rule.</summary>
    public ImmutableArray<StepRing> Rings { get; private set; } = [];

    /// <summary>Sessions that tell their steps now.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Sessions that a rule means, and that came when there were as many as may be.</summary>
    public long SessionsLeftOut => Interlocked.Read(ref _sessionsLeftOut);

    /// <summary>Null: there is none.</summary>
    internal StepRules? Rules => Volatile.Read(ref _rules);

    /// <summary>Puts rules in force for clients that are accepted from now on. Sessions that tell their steps already continue. One thread
    /// at a time.</summary>
    /// <param name="rules">The sessions of any of them are meant; empty: none.</param>
    public void Publish(ImmutableArray<StepRule> rules)
    {
        // Some 200 KB for each loop, made when they are needed and kept.
        if (Rings.IsEmpty && !rules.IsEmpty) Rings = [.. Enumerable.Range(0, _loops).Select(_ => new StepRing())];
        Volatile.Write(ref _rules, rules.IsEmpty ? null : new StepRules(rules, Rings));
    }

    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _sessions) <= SessionsMax) return true;
        Leave();
        Interlocked.Increment(ref _sessionsLeftOut);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _sessions);
}

/// <summary>Sessions whose steps are wanted: those that match what is given. Immutable.</summary>
/// <param name="Service">The name of their service; null: any.</param>
/// <param name="Clients">Where the client is, or the one that its balancer names; null: anywhere.</param>
public sealed record StepRule(string? Service, NetworkSet? Clients);

/// <summary>The rules in force. Immutable.</summary>
internal sealed class StepRules(ImmutableArray<StepRule> rules, ImmutableArray<StepRing> rings)
{
    public StepRing RingOf(int loop) => rings[loop];

    /// <summary>Admission has refused a client, who becomes no session.</summary>
    public void TellRefused(int loop, long id, ServiceDefinition service, InetEndPoint client, EndReason reason)
    {
        if (!Match(service.Name, client)) return;
        RingOf(loop).Write(new SessionStep
        {
            Kind = SessionStepKind.Refused, Id = id, Service = service, Client = client, Peer = client, UpstreamIndex = -1, Reason = reason,
        });
    }

    public bool Match(string service, InetEndPoint client)
    {
        foreach (StepRule rule in rules)
        {
            if ((rule.Service is null || rule.Service == service) && (rule.Clients is null || rule.Clients.Contains(client))) return true;
        }
        return false;
    }
}
