using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Admin.Requests;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>A listening socket, and what holds for those who connect to it. Immutable; its server owns it.</summary>
/// <param name="EndPoint">By which Kestrel asks for it.</param>
/// <param name="Socket">Listening.</param>
/// <param name="Owner">Closes the socket.</param>
/// <param name="Access">Whose requests are let in.</param>
/// <param name="Identify">Who has connected.</param>
internal sealed record AdminEntry(EndPoint EndPoint, Socket Socket, IDisposable Owner, AccessRules Access, Func<Socket, Caller> Identify)
{
    /// <summary>Null: there is no TLS.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    public TimeSpan HandshakeTime { get; init; }

    /// <summary>What bounds its connections together with others'; null: nothing but the server's bound for each listener.</summary>
    public ConnectionSlots? Slots { get; init; }
}
