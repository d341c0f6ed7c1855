namespace FastTcpProxy.Control.Operators;

/// <summary>What an operator says of an upstream, in place of the configuration's <c>enabled</c>. Health is not overridden.</summary>
public enum OverrideState : byte
{
    /// <summary>It gets new clients, although the configuration says <c>enabled: false</c>.</summary>
    Enabled,

    /// <summary>It gets no new clients; its sessions go on.</summary>
    Disabled,

    /// <summary>Likewise, and somebody waits for its sessions to end.</summary>
    Draining,
}
