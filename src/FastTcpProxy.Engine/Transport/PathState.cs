namespace FastTcpProxy.Engine.Transport;

/// <summary>How the kernel fared with a TCP connection (TCP_INFO, tcp(7)). Immutable.</summary>
/// <param name="RoundTripUs">The smoothed round-trip time, in microseconds.</param>
/// <param name="Retransmits">Segments that were sent again.</param>
/// <param name="Lost">Segments that are taken for lost now.</param>
public readonly record struct PathState(uint RoundTripUs, uint Retransmits, uint Lost);
