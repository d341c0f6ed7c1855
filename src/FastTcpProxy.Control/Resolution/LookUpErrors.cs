using System.Net.Sockets;

namespace FastTcpProxy.Control.Resolution;

/// <summary>
/// Says for people why a look-up failed. The platform's own words for EAI_AGAIN are those of EAGAIN, "Resource temporarily unavailable", which sound as if this machine
/// lacked something. Pure, any thread.
/// </summary>
internal static class LookUpErrors
{
    public static string Explain(Exception error) => error is SocketException { SocketErrorCode: SocketError.TryAgain }
        ? "no name server gave an answer; see /etc/resolv.conf"
        : error.Message;
}
