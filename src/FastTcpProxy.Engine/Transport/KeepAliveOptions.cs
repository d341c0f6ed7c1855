namespace FastTcpProxy.Engine.Transport;

/// <summary>How a peer that has vanished silently is noticed. See tcp(7). Immutable.</summary>
/// <param name="IdleSeconds">Silence before the first probe (TCP_KEEPIDLE), from 1.</param>
/// <param name="IntervalSeconds">Time between probes (TCP_KEEPINTVL), from 1.</param>
/// <param name="Count">Unanswered probes that end the connection (TCP_KEEPCNT), from 1.</param>
/// <param name="UserTimeoutMs">
/// How long a peer may owe an answer to what was sent to it, from 1. The session polls for it: as an option of the socket
/// (TCP_USER_TIMEOUT) it would end peers that answer and read nothing, and would replace <paramref name="Count"/>.
/// </param>
public readonly record struct KeepAliveOptions(int IdleSeconds, int IntervalSeconds, int Count, int UserTimeoutMs)
{
    /// <summary>60 s of silence, then 6 probes 10 s apart; 60 s for unacknowledged data.</summary>
    public static KeepAliveOptions Default => new(60, 10, 6, 60_000);
}
