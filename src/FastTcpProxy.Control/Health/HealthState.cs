namespace FastTcpProxy.Control.Health;

/// <summary>What checks have found out about an upstream.</summary>
public enum HealthState : byte
{
    /// <summary>No check is configured.</summary>
    Unchecked,

    /// <summary>A check is configured, and none has said anything yet.</summary>
    Initial,

    Up,

    Down,
}
