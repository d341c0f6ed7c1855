using System.Net.Sockets;

namespace FastTcpProxy.Engine.Transport;

/// <summary>A listening socket of one loop. Belongs to that loop.</summary>
internal abstract class ListenSocket
{
    /// <summary>
    /// Begins or resumes accepting: the owner gets each connection and each error until it says stop. Not to be called while it is
    /// accepting.
    /// </summary>
    public abstract void Accept();

    /// <summary>
    /// Stops listening, without any effect on other processes that hold the socket. When there is none, connections still in the kernel's
    /// queue are reset by it. The owner may still be given a connection that was already on its way.
    /// </summary>
    public abstract void Close();

    /// <summary>
    /// Stops listening like <see cref="Close"/>, but gives the owner everything that is in the kernel's queue before, a few in each turn,
    /// as long as the owner says to continue.
    /// </summary>
    public abstract void Retire();

    /// <summary>No other process holds the socket any more: from now on it ends as one that was bound here.</summary>
    public abstract void Claim();

    /// <summary>Whether it has stopped for good, and its address is free as far as this socket goes. Any thread.</summary>
    public abstract bool IsClosed { get; }
}

/// <summary>Who a <see cref="ListenSocket"/> gives its connections to, inside the loop.</summary>
internal interface IAcceptOwner
{
    /// <summary>A connection. Returns whether to continue; false stops until the next <see cref="ListenSocket.Accept"/>.</summary>
    bool OnAccepted(in AcceptedConnection connection);

    /// <summary>An accept failed. Returns whether to continue; false stops until the next <see cref="ListenSocket.Accept"/>.</summary>
    bool OnAcceptFailed(SocketError error);

    /// <summary>The code of an accept failed, which is a defect; accepting has stopped.</summary>
    void OnFault(Exception fault);
}
