using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>A listening socket, and the rules for its clients. Immutable.</summary>
/// <param name="EndPoint">The end point by which Kestrel asks for it.</param>
/// <param name="Listening">The present socket: one whose file is lost is bound again, and the previous one is closed.</param>
/// <param name="Close">Closes the socket. May be called more than once.</param>
/// <param name="Access">Which requests are let in.</param>
/// <param name="Identify">Who has connected.</param>
internal sealed record AdminEntry(EndPoint EndPoint, Func<Socket> Listening, Action Close, AccessRules Access,
    Func<Socket, Caller> Identify)
{
    /// <summary>Null: there is no TLS.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    public TimeSpan HandshakeTime { get; init; }

    /// <summary>What bounds its connections, together with those of listeners that have the same one.</summary>
    public required ConnectionSlots Slots { get; init; }
}
