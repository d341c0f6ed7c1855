namespace FastTcpProxy.Control.Health.Probing;

/// <summary>What a probe waits for.</summary>
internal enum ProbePhase : byte
{
    Connect,

    /// <summary>The TLS handshake.</summary>
    Tls,

    /// <summary>Sending, and the head of the answer; for a TCP check all that comes.</summary>
    Answer,

    Body,
}
