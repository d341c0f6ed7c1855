using System.Security.Authentication;

namespace FastTcpProxy.Control.Connections;

/// <summary>What holds for every TLS connection of this program, a check's and the administrative interface's alike. Any thread.</summary>
public static class TlsRules
{
    /// <summary>The versions that are spoken; those before are deprecated (RFC 8996).</summary>
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>
    /// Whether the exception says that the connection has ended or does not speak TLS. <see cref="InvalidOperationException"/> is among
    /// them: a stream throws it after its own handshake has failed.
    /// </summary>
    public static bool IsEnd(Exception error) =>
        error is IOException or AuthenticationException or ObjectDisposedException or InvalidOperationException;
}
