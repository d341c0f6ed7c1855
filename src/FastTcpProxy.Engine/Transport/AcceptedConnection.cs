using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport;

/// <summary>A connection that a listening socket took from its queue.</summary>
/// <param name="Stream">Connected, and without an owner: it is adopted by one (<see cref="StreamSocket.Adopt"/>) or closed.</param>
/// <param name="Peer">The client's address, IPv4 where it came over IPv4; unspecified on a UNIX socket.</param>
internal readonly record struct AcceptedConnection(StreamSocket Stream, InetEndPoint Peer);
