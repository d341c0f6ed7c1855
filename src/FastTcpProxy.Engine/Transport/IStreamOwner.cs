using System.Net.Sockets;

namespace FastTcpProxy.Engine.Transport;

/// <summary>The owner to which a <see cref="StreamSocket"/> reports completed operations: always inside the loop, never from within a call
/// to the stream.</summary>
internal interface IStreamOwner
{
    /// <summary>The connect that was submitted has ended.</summary>
    void OnConnected(StreamSocket stream, SocketError error);

    /// <summary>The wait for readability has ended: there are bytes, or the end of the stream, or the error.</summary>
    void OnReadable(StreamSocket stream, SocketError error);

    /// <summary>The chunk that was submitted has been sent whole, or the error came first. The stream has given the chunk back.</summary>
    void OnSent(StreamSocket stream, SocketError error);

    /// <summary>An operation's own code failed, which is a defect: end the session.</summary>
    void OnStreamFault(StreamSocket stream, Exception fault);
}
