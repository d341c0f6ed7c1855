namespace FastTcpProxy.Testing.Simulation;

/// <summary>What a simulated peer can be told to do.</summary>
internal enum PeerStepKind
{
    /// <summary>Sends as many bytes of its stream.</summary>
    Send,

    /// <summary>Sends the bytes given.</summary>
    SendRaw,

    /// <summary>Does nothing for as many microseconds.</summary>
    Pause,

    /// <summary>Continues when as many bytes have come in all.</summary>
    AwaitBytes,

    /// <summary>Continues when the other side's stream, or the connection, has ended.</summary>
    AwaitEnd,

    /// <summary>Sends back what comes, until the other side's stream has ended and all is sent back.</summary>
    Echo,

    HalfClose,
    Close,
    Reset,

    /// <summary>The connection breaks for this peer's opposite as unanswered probes break it.</summary>
    Vanish,
}
