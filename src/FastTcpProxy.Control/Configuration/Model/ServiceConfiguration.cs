using System.Collections.Immutable;
using System.Net;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>One service: where it listens, what it joins its clients to, and how long it waits. Immutable, any thread.</summary>
public sealed record ServiceConfiguration
{
    /// <summary>Unique among the services; <c>[A-Za-z0-9._-]</c>, 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>One or more addresses; no two of the whole file overlap.</summary>
    public required ImmutableArray<ListenAddress> Listen { get; init; }

    /// <summary>The upstreams in the order in which they are tried; at least one.</summary>
    public required ImmutableArray<UpstreamConfiguration> Upstreams { get; init; }

    /// <summary>The mode of upstreams that name none. <see cref="UpstreamConfiguration.Mode"/> is the one in force.</summary>
    public required ModeSetting Mode { get; init; }

    /// <summary>How long one attempt may stay silent before the next address is tried. Never zero.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>The bound on all attempts of one session together, or null for none.</summary>
    public TimeSpan? TotalConnectTimeout { get; init; }

    /// <summary>How the client learns that every upstream failed.</summary>
    public required AllFailedSetting OnAllFailed { get; init; }

    /// <summary>Whether a client that has ended its direction before an upstream accepted is let go; else it is served.</summary>
    public bool AbortOnClose { get; init; }

    /// <summary>Whose PROXY header is believed, or null when no header is ever read.</summary>
    public AcceptProxyConfiguration? AcceptProxy { get; init; }

    /// <summary>A session with no byte in either direction for this long is ended. Never zero.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>A session of which one side has ended and the other sent nothing for this long is ended. Never zero.</summary>
    public required TimeSpan HalfCloseTimeout { get; init; }

    /// <summary>TCP keep-alive of both legs.</summary>
    public required KeepAliveConfiguration KeepAlive { get; init; }

    /// <summary>
    /// Of both legs: sent data that stays unacknowledged for this long, or a window probe that stays unanswered, ends the session.
    /// </summary>
    public required TimeSpan TcpUserTimeout { get; init; }

    /// <summary>Addresses to connect from, in turn; empty lets the kernel choose. Each occurs once, none is a wildcard.</summary>
    public required ImmutableArray<IPAddress> SourceAddresses { get; init; }

    /// <summary>The bound on the sessions of this service, or null when only the one of the engine holds.</summary>
    public int? MaxSessions { get; init; }

    /// <summary>How old the resolved addresses of an upstream's DNS name may grow.</summary>
    public required TimeSpan DnsRefresh { get; init; }

    /// <summary>What clients get when every upstream is out.</summary>
    public AllDownSetting AllDown { get; init; }
}

/// <summary>TCP keep-alive (tcp(7)): <c>TCP_KEEPIDLE</c>, <c>TCP_KEEPINTVL</c>, <c>TCP_KEEPCNT</c>. Immutable, any thread.</summary>
public sealed record KeepAliveConfiguration
{
    /// <summary>Silence before the first probe; whole seconds, 1 to 32767 (the kernel's bound).</summary>
    public required TimeSpan Idle { get; init; }

    /// <summary>Between probes; whole seconds, 1 to 32767 (the kernel's bound).</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Unanswered probes that end the connection; 1 to 127 (the kernel's bound).</summary>
    public required int Count { get; init; }
}

/// <summary>How a client learns that every upstream failed.</summary>
public enum AllFailedSetting
{
    /// <summary>Its connection is reset.</summary>
    Reset,

    /// <summary>Its connection is closed cleanly.</summary>
    Close,
}

/// <summary>What clients get when every upstream of a service is out.</summary>
public enum AllDownSetting : byte
{
    /// <summary>The list is tried as if all were up: checks may be wrong.</summary>
    TryInOrder,

    /// <summary>They fail at once.</summary>
    Fail,
}
