namespace FastTcpProxy.Engine.Sessions;

/// <summary>The state of a session; each value says which of its fields are set. <see cref="SessionStates.CanBecome"/> has the legal
/// transitions.</summary>
public enum SessionState : byte
{
    /// <summary>In the pool: nothing is set.</summary>
    Idle,

    /// <summary>The client is counted, and its stream is about to be set.</summary>
    Accepted,

    /// <summary>The client stream is set, and waits for a balancer's header.</summary>
    ReadingHeader,

    /// <summary>The client stream is set, and the client is known; the upstream stream is set while an attempt is in flight.</summary>
    Connecting,

    /// <summary>Both streams are set, and both directions are open or ended.</summary>
    Relaying,

    /// <summary>As relaying, but the connection of one side broke: the other side receives what the broken side had sent, and is then
    /// reset.</summary>
    Flushing,
}

/// <summary>The transitions. Pure, any thread.</summary>
internal static class SessionStates
{
    /// <summary>Whether a session in this state may enter the next one. It enters <see cref="SessionState.Idle"/> from any other, when it
    /// closes.</summary>
    public static bool CanBecome(this SessionState state, SessionState next) => next switch
    {
        SessionState.Accepted => state == SessionState.Idle,
        SessionState.ReadingHeader => state == SessionState.Accepted,
        // From relaying: the upstream had been told nothing, and is replaced.
        SessionState.Connecting => state is SessionState.Accepted or SessionState.ReadingHeader or SessionState.Relaying,
        SessionState.Relaying => state == SessionState.Connecting,
        SessionState.Flushing => state == SessionState.Relaying,
        _ => state != SessionState.Idle,
    };
}
