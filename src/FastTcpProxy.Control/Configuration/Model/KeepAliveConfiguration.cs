namespace FastTcpProxy.Control.Configuration;

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
