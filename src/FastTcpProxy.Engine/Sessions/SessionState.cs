namespace FastTcpProxy.Engine.Sessions;

/// <summary>Where a session stands; each value says which of its fields are set. <c>Session.Become</c> knows what follows what.</summary>
public enum SessionState : byte
{
    /// <summary>In the pool: nothing is set.</summary>
    Idle,

    /// <summary>The client is counted, and its stream is about to be set.</summary>
    Accepted,

    /// <summary>The client stream is set, and waits for a balancer's header.</summary>
    ReadingHeader,

    /// <summary>The client stream is set, who the client is is known; the upstream stream is set while an attempt is in flight.</summary>
    Connecting,

    /// <summary>Both streams are set, and both directions are open or ended.</summary>
    Relaying,

    /// <summary>As relaying, but one side's connection broke: the other one gets what the broken side had sent, and is reset then.</summary>
    Flushing,
}
