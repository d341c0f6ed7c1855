using System.Net.Sockets;

namespace FastTcpProxy.Engine.Transport;

/// <summary>What an immediate receive or send did: a number of bytes (0 from a receive is the end of the stream), or an error.</summary>
internal readonly record struct IoResult(int Bytes, SocketError Error)
{
    public bool IsSuccess => Error == SocketError.Success;

    public bool WouldBlock => Error == SocketError.WouldBlock;

    public static IoResult Of(int bytes) => new(bytes, SocketError.Success);

    public static IoResult Fail(SocketError error) => new(0, error);
}
