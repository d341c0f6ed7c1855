using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Services;

/// <summary>
/// The values of a service that its sessions use, and their defaults, which have no other place: the configuration reads its keys directly
/// into them. Immutable, any thread. All times are above zero.
/// </summary>
public record ServiceSettings
{
    /// <summary>Every value is the default.</summary>
    public static ServiceSettings Default { get; } = new();

    /// <summary>How long an upstream has to accept.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long all attempts of a session may take together; null: no limit for it.</summary>
    public TimeSpan? TotalConnectTimeout { get; init; }

    /// <summary>When a session that waits for an upstream starts the next one too; null: never.</summary>
    public HedgePolicy? Hedge { get; init; }

    /// <summary>When an upstream that gives no answer is tried last; null: never.</summary>
    public SuspectPolicy? Suspect { get; init; }

    /// <summary>When an upstream that ends sessions at once is tried last; null: never.</summary>
    public PassivePolicy? Passive { get; init; }

    /// <summary>How new clients come back to an upstream; null: all at once.</summary>
    public FailbackPolicy? Failback { get; init; }

    /// <summary>When a session whose upstream resets the connection is given to the next one.</summary>
    public ResetRetry RetryOnReset { get; init; }

    /// <summary>Whether the answers to connects are evidence.</summary>
    internal bool WatchesConnects => Hedge is not null || Suspect is not null;

    /// <summary>Whether upstreams can be put off.</summary>
    internal bool PutsOff => Suspect is not null || Passive is not null || Failback is not null;

    internal long RampMs => Failback is null ? 0 : (long)Failback.Ramp.TotalMilliseconds;

    /// <summary>
    /// The part of the new clients that begins with an address, in millionths: all, fewer while it returns, 0 while it is tried last.
    /// </summary>
    /// <param name="standing">Of the address.</param>
    /// <param name="nowMs">Now, by <see cref="AddressStanding.NowMs"/>.</param>
    public long ShareOf(AddressStanding standing, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(standing);
        if ((Suspect is not null && standing.Silence.IsLast) || (Passive is not null && standing.IsEjected(nowMs))) return 0;
        return Failback is null
            ? FailbackPolicy.All
            : Math.Min(Failback.Portion(standing.Silence, nowMs), Failback.Portion(standing.Resets, nowMs));
    }

    /// <summary>A check has found the upstream of an address up again. Any thread.</summary>
    /// <param name="standing">Of the address.</param>
    /// <param name="nowMs">Now, by <see cref="AddressStanding.NowMs"/>.</param>
    public void FoundUp(AddressStanding standing, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(standing);
        standing.FoundUp(nowMs, (Suspect ?? SuspectPolicy.Default).Terms, (Passive ?? PassivePolicy.Default).Terms, RampMs);
    }

    /// <summary>The part of the new clients that begins with an upstream, in millionths: the greatest part of its addresses.</summary>
    /// <param name="upstream">One of the service.</param>
    /// <param name="nowMs">Now, by <see cref="AddressStanding.NowMs"/>.</param>
    public long ShareOf(UpstreamDefinition upstream, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        long share = 0;
        foreach (UpstreamAddress address in upstream.Addresses) share = Math.Max(share, ShareOf(address.Standing, nowMs));
        return share;
    }

    public AllFailedAction OnAllFailed { get; init; }

    /// <summary>
    /// Whether a client that has ended its direction before an upstream accepted is dropped. Otherwise it is served: its end is passed on
    /// to the upstream, which may answer.
    /// </summary>
    public bool AbortOnClose { get; init; }

    /// <summary>Whom the service serves, and how much each may have; null: everybody, and all that they want.</summary>
    public GuardPolicy? Guards { get; init; }

    /// <summary>Null: no header is expected from clients.</summary>
    public AcceptProxyDefinition? AcceptProxy { get; init; }

    /// <summary>How long a session may be silent in both directions.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a session may be silent when one side has ended.</summary>
    public TimeSpan HalfCloseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public KeepAliveOptions KeepAlive { get; init; } = KeepAliveOptions.Default;

    /// <summary>
    /// Local addresses to connect from, used in turn (their ports are 0). Where there is none of an upstream's family the kernel chooses.
    /// </summary>
    public EquatableArray<InetEndPoint> SourceAddresses { get; init; } = [];

    /// <summary>
    /// Whether the v2 header carries the session's id as UNIQUE_ID (PROXY protocol specification, 2.2.5). One that a balancer sent and that
    /// is passed on comes in its place.
    /// </summary>
    public bool SendUniqueId { get; init; }

    /// <summary>How many sessions the service may have at once; 0: no limit for it.</summary>
    public int SessionsMax { get; init; }
}

/// <summary>How a client learns that no upstream accepted.</summary>
public enum AllFailedAction : byte
{
    /// <summary>By a reset: the client's own tools see an error.</summary>
    Reset,

    /// <summary>By a clean end of the stream.</summary>
    Close,
}

/// <summary>When a session continues down the list although an upstream has accepted.</summary>
public enum ResetRetry : byte
{
    /// <summary>Never: the client is reset as well.</summary>
    Never,

    /// <summary>
    /// When the upstream resets the connection before a header or a byte or the end of the client was sent to it, and before a byte of its
    /// own. It has been told nothing, so nothing can happen twice.
    /// </summary>
    BeforeClientBytes,
}

/// <summary>From whom a PROXY header is required and believed. Immutable.</summary>
public sealed record AcceptProxyDefinition
{
    /// <summary>The balancers. Peers on a UNIX socket count as balancers: the file's permissions say who may connect.</summary>
    public required NetworkSet From { get; init; }

    /// <summary>How long the header may take, from the accept, however it trickles.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether any other peer is served as a client without a header; else it is refused.</summary>
    public bool ServeOthers { get; init; }

    /// <summary>Types of the TLVs that are passed on (PROXY protocol specification, 2.2.1), ascending.</summary>
    public EquatableArray<byte> PassTlvs { get; init; } = [];

    /// <summary>Whether the onward v2 header gets its own CRC32C.</summary>
    public bool AddCrc32C { get; init; }
}
