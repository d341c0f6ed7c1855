using System.Net.Sockets;

namespace FastTcpProxy.Control.Resolution;

/// <summary>
/// Says for people why a look-up failed. The platform's text for EAI_AGAIN is that of EAGAIN, "Resource temporarily unavailable", which
/// sounds as if this machine lacked something. Pure, any thread.
/// </summary>
internal static class LookUpErrors
{
    public static string Explain(Exception error) => error is SocketException { SocketErrorCode: SocketError.TryAgain }
        ? "no name server gave an answer; see /etc/resolv.conf"
        : error.Message;
}
