namespace FastTcpProxy.Engine.Sessions;

/// <summary>Where a session stands; each value says which of its fields are set.</summary>
public enum SessionState : byte
{
    /// <summary>In the pool: nothing is set.</summary>
    Idle,

    /// <summary>The client stream is set, and waits for a balancer's header.</summary>
    ReadingHeader,

    /// <summary>The client stream is set, who the client is is known; the upstream stream is set while an attempt is in flight.</summary>
    Connecting,

    /// <summary>Both streams are set, and both directions are open or ended.</summary>
    Relaying,
}
