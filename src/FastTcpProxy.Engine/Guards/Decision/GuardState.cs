using System.Collections.Immutable;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Decision;

/// <summary>
/// What the guards of a process share: the entries that were made at run time, the sources, what all clients have. It gathers the facts of
/// a client for <see cref="Admission"/>, the cheap ones first, and counts a client that is let in. Any thread.
/// </summary>
public sealed class GuardState
{
    private readonly int _sourcesMax;
    private SourceTable? _sources;

    /// <param name="sourcesMax">How many sources are told apart.</param>
    public GuardState(int sourcesMax = SourceTable.CapacityDefault) => _sourcesMax = sourcesMax;

    /// <summary>Networks that operators and rules have allowed or denied. Their times are seconds of <see cref="NowS"/>.</summary>
    public NetworkTable Entries { get; } = new();

    /// <summary>Null until a service limits sources.</summary>
    public SourceTable? Sources => Volatile.Read(ref _sources);

    internal TotalCount Process { get; } = new();

    /// <summary>The clock of the guards, in microseconds: monotonic, and the same for all loops.</summary>
    public static long NowUs(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return (long)(time.GetTimestamp() * (1_000_000.0 / time.TimestampFrequency));
    }

    /// <summary>The seconds by which entries expire: monotonic, the same for all loops.</summary>
    public static uint NowS(long sharedUs) => (uint)(sharedUs / 1_000_000);

    /// <summary>Allocates what the policy needs, before a client does.</summary>
    internal void Prepare(GuardPolicy? policy)
    {
        if (policy is { LimitsSources: true } && Sources is null)
            Interlocked.CompareExchange(ref _sources, new SourceTable(_sourcesMax), null);
    }

    /// <summary>Whether a client of the service has anything to be judged by.</summary>
    internal bool Concerns(GuardPolicy? policy) => policy is not null || Entries.Count > 0;

    /// <summary>Judges a client, and counts it if it is served.</summary>
    /// <param name="facts">What is known of it so far.</param>
    /// <param name="policy">What the service goes by; null: nothing.</param>
    /// <param name="service">To which it comes.</param>
    /// <param name="client">The address that counts.</param>
    /// <param name="nowUs">The monotonic clock that all loops share, in microseconds.</param>
    /// <param name="loop">The loop's number.</param>
    /// <param name="ticket">What is to be given back.</param>
    internal AdmissionVerdict Judge(AdmissionFacts facts, GuardPolicy? policy, GuardedService service, InetEndPoint client, long nowUs,
        int loop, out GuardTicket ticket)
    {
        ticket = default;
        AdmissionVerdict verdict = Admission.Decide(facts);
        // Who has no address comes by a UNIX socket: the permissions of its file say who may.
        if (verdict != AdmissionVerdict.Serve || client.Family == EndPointFamily.Unspecified) return verdict;
        facts = facts with { Listed = Find(policy, service, client, nowUs), ServesUnlisted = policy?.ServesUnlisted ?? true };
        verdict = Admission.Decide(facts);
        if (verdict != AdmissionVerdict.Serve || facts.Listed == NetworkVerdict.Allowed || policy is null) return verdict;
        Count(ref facts, policy, service, client, nowUs, loop, ref ticket);
        verdict = Admission.Decide(facts);
        if (verdict != AdmissionVerdict.Serve) TakeBack(ref ticket, policy, loop);
        return verdict;
    }

    /// <summary>What the entries say of a client.</summary>
    internal NetworkVerdict Find(GuardPolicy? policy, GuardedService service, InetEndPoint client, long nowUs)
    {
        InetEndPoint counted = CountedAddress.Of(client);
        uint nowS = NowS(nowUs);
        NetworkVerdict verdict = NetworkVerdict.None;
        if (policy?.Networks is { } configured && configured.Table.TryFind(counted, NetworkEntry.AllServices, nowS, out NetworkEntry entry))
            verdict = VerdictOf(entry);
        // An entry that allows counts more than one that denies, wherever it stands.
        if (verdict != NetworkVerdict.Allowed && Entries.Count > 0
            && Entries.TryFind(counted, service.Scope, nowS, out entry))
            verdict = VerdictOf(entry);
        return verdict;
    }

    /// <summary>What the guards say of a client that might come now. Counts nothing.</summary>
    /// <param name="given">What the service goes by; null: nothing.</param>
    /// <param name="service">To which it would come.</param>
    /// <param name="client">The address that counts.</param>
    /// <param name="nowUs">By <see cref="NowUs"/>.</param>
    public GuardView Look(GuardPolicy? given, GuardedService service, InetEndPoint client, long nowUs)
    {
        ArgumentNullException.ThrowIfNull(service);
        GuardPolicy policy = given ?? GuardPolicy.None;
        InetEndPoint counted = CountedAddress.Of(client);
        ushort scope = service.Scope;
        ImmutableArray<GuardEntry> entries =
        [
            .. policy.Networks?.Table.Covering(counted, NowS(nowUs)).Select(e => new GuardEntry(e, policy.Networks.Origins[(int)e.Number]))
                ?? [],
            .. Entries.Covering(counted, NowS(nowUs)).Where(e => e.Service is NetworkEntry.AllServices || e.Service == scope)
                .Select(e => new GuardEntry(e, null)),
        ];
        SourceKey key = SourceKey.Of(client, policy.HasOwnSources ? scope : 0, policy.Ipv6Prefix);
        TotalCount total = policy.HasOwnTotal ? service.Total : Process;
        return new GuardView(policy, Find(policy, service, client, nowUs), entries, key,
            policy.LimitsSources && Sources is { } sources ? sources.Peek(key, policy.PerSource, nowUs) : null, nowUs)
        {
            TotalRoomInUs = policy.Total.Connections.IsLimited
                ? Math.Max(total.Connections.RoomAtUs(policy.Total.Connections, nowUs) - nowUs, 0) : 0,
            PendingConnects = total.Connecting.Current,
        };
    }

    /// <summary>A session has ended.</summary>
    /// <param name="ticket">The session's.</param>
    /// <param name="wasServed">Whether it was proxied to an upstream.</param>
    /// <param name="nowUs">The monotonic clock that all loops share, in microseconds.</param>
    /// <param name="loop">The loop's number.</param>
    internal void Release(ref GuardTicket ticket, bool wasServed, long nowUs, int loop)
    {
        if (!ticket.Source.IsNowhere) Sources!.Release(ticket.Source, nowUs, wasServed);
        ticket.LeaveConnecting(loop);
        ticket = default;
    }

    private static NetworkVerdict VerdictOf(in NetworkEntry entry) =>
        entry.Action == NetworkAction.Allow ? NetworkVerdict.Allowed : NetworkVerdict.Denied;

    private void Count(ref AdmissionFacts facts, GuardPolicy policy, GuardedService service, InetEndPoint client, long nowUs, int loop,
        ref GuardTicket ticket)
    {
        if (policy.LimitsSources && Sources is { } sources)
        {
            SourceKey key = SourceKey.Of(client, policy.HasOwnSources ? service.Scope : 0, policy.Ipv6Prefix);
            SourceAnswer answer = sources.Admit(key, policy.PerSource, nowUs);
            ticket.Source = answer.Handle;
            facts = facts with { Source = answer.Verdict };
            // One source that comes too fast takes no token of the others.
            if (!answer.IsAdmitted) return;
        }
        TotalCount total = policy.HasOwnTotal ? service.Total : Process;
        TotalLimits limits = policy.Total;
        facts = facts with { TotalHasRoom = !limits.Connections.IsLimited || total.Connections.TryTake(limits.Connections, nowUs) };
        if (!facts.TotalHasRoom || limits.PendingConnectsMax == 0) return;
        facts = facts with { ConnectsHaveRoom = total.TryEnterConnecting(limits.PendingConnectsMax, loop) };
        if (facts.ConnectsHaveRoom) ticket.Connecting = total;
        else if (limits.Connections.IsLimited) total.Connections.GiveBack(limits.Connections);
    }

    private void TakeBack(ref GuardTicket ticket, GuardPolicy policy, int loop)
    {
        if (!ticket.Source.IsNowhere) Sources!.Cancel(ticket.Source, policy.PerSource);
        ticket.LeaveConnecting(loop);
        ticket = default;
    }
}
