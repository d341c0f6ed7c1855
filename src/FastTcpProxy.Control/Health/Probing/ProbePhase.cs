namespace FastTcpProxy.Control.Health.Probing;

/// <summary>What a probe waits for.</summary>
internal enum ProbePhase : byte
{
    Connect,

    /// <summary>The TLS handshake.</summary>
    Tls,

    /// <summary>Sending, and the head of the answer; for a TCP check without TLS all that comes.</summary>
    Answer,

    Body,

    /// <summary>A dialogue over TLS, where an end is an end.</summary>
    Dialogue,
}
