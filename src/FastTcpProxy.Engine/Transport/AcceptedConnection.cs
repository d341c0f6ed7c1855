using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport;

/// <summary>A connection that a listening socket took from its queue, on its way to the session that will own it.</summary>
/// <param name="Handle">The transport's own object, for <see cref="ITransport.Adopt"/> or <see cref="ITransport.Refuse"/>: one of the two must be called.</param>
/// <param name="Peer">The client's address, IPv4 where it came over IPv4; unspecified on a UNIX socket.</param>
internal readonly record struct AcceptedConnection(object Handle, InetEndPoint Peer);
