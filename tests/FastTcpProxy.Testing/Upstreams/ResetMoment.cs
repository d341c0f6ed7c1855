namespace FastTcpProxy.Testing.Upstreams;

/// <summary>When a <see cref="ResettingUpstream"/> resets a connection. Immutable.</summary>
public enum ResetMoment
{
    /// <summary>As soon as it is accepted.</summary>
    OnAccept,

    /// <summary>After the first bytes have arrived.</summary>
    OnFirstBytes,
}
