using System.Net;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// A real server that requires a PROXY header, v1 or v2, on each connection and tells what it made of it.
/// One question at a time; it owns its process and folder, and dispose ends both.
/// </summary>
public interface IReceiver : IDisposable
{
    /// <summary>Where it listens for connections with a header.</summary>
    IPEndPoint EndPoint { get; }

    /// <summary>
    /// Connects from <paramref name="source"/> to <paramref name="via"/>, behind which a sender of headers passes on to this receiver,
    /// speaks the receiver's protocol, and returns what the receiver told.
    /// </summary>
    Task<ReceiverReport> AskAsync(IPEndPoint via, IPEndPoint source);
}
