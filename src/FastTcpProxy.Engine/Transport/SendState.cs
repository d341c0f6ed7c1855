namespace FastTcpProxy.Engine.Transport;

/// <summary>How the peer's kernel answers sent data, at one moment (struct tcp_info, tcp(7)). Immutable.</summary>
/// <param name="AckedBytes">Bytes acknowledged since the connection began; only changes of it matter.</param>
/// <param name="SegmentsInFlight">Segments sent and not acknowledged.</param>
/// <param name="WindowBytes">The window that the peer announced; 0 while it reads nothing.</param>
/// <param name="UnansweredProbes">Window probes since the last answer.</param>
/// <param name="SinceAnswerMs">Since anything came that acknowledges, new bytes or not.</param>
/// <param name="SinceSendMs">Since bytes were sent, the first time or again.</param>
public readonly record struct SendState(
    uint AckedBytes, uint SegmentsInFlight, uint WindowBytes, int UnansweredProbes, uint SinceAnswerMs, uint SinceSendMs)
{
    /// <summary>
    /// Linux leaves a probe unanswered that follows its last answer within half a second (net.ipv4.tcp_invalid_ratelimit). The next probe
    /// comes twice that time later; so when one probe is missing and the last answer is older than this, it was not left out by that rule.
    /// </summary>
    private const uint MuteProbeMs = 3_000;

    /// <summary>
    /// Whether the peer's kernel owes an answer. With an open window it owes the acknowledgement of what is in flight. With a closed one it
    /// owes no more than an answer to the last probe: a receiver may take nothing for as long as it likes, and its connection stays (RFC
    /// 9293, 3.8.6.1). Only for a connection on which bytes are still unacknowledged.
    /// </summary>
    public bool OwesAnswer => SegmentsInFlight switch
    {
        0 => UnansweredProbes > 1 || (UnansweredProbes == 1 && SinceAnswerMs > MuteProbeMs),
        // A window that shrank to nothing under what is in flight: each retransmission is a probe then.
        _ when WindowBytes == 0 => SinceAnswerMs > SinceSendMs,
        _ => true,
    };
}
