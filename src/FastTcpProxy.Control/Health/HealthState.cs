namespace FastTcpProxy.Control.Health;

/// <summary>What checks have found out about an upstream.</summary>
public enum HealthState : byte
{
    /// <summary>No check has ended yet, or there is none.</summary>
    Initial,

    Up,

    Down,
}
