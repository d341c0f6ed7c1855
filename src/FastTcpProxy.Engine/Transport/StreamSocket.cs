using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// One end of a connection as a session sees it: the seam between the state machines and what moves the bytes. Bytes move by immediate
/// calls (<see cref="Receive"/>, <see cref="Send"/>) that never wait; waiting is submitted and completes by a call to the owner. So a
/// buffer is needed only for the time of a move, or while bytes wait for a slow receiver. At most one wait for readability, one send and
/// one connect are in flight. Belongs to one loop. A stream is rented and connected or accepted and adopted, used, and closed exactly once;
/// it goes back to its pool by itself when its last operation has completed, and reports nothing to its owner after the close.
/// </summary>
internal abstract class StreamSocket
{
    /// <summary>Who is told; null before the connect or the adoption, and from <see cref="Close"/> on.</summary>
    public IStreamOwner? Owner { get; protected set; }

    /// <summary>The reason of the last <see cref="IoStatus.Failed"/>.</summary>
    public SocketError LastError { get; protected set; }

    /// <summary>Gives an accepted stream its owner, or one that is being connected another owner.</summary>
    public virtual void Adopt(IStreamOwner owner) => Owner = owner;

    /// <summary>
    /// Opens a socket and begins to connect it. Everything that can fail, fails as <see cref="IoStatus.Failed"/>, no descriptors left
    /// (<see cref="SocketError.TooManyOpenSockets"/>) and no local port (<see cref="SocketError.AddressNotAvailable"/>) too.
    /// </summary>
    /// <param name="source">The local address to connect from; unspecified leaves the choice to the kernel.</param>
    /// <param name="handshake">When the handshake's last packet leaves.</param>
    public abstract IoStatus Connect(IStreamOwner owner, UpstreamAddress target, InetEndPoint source, HandshakeEnd handshake);

    /// <summary>Waits until a receive would not block. It may be wrong: the receive after it decides.</summary>
    public abstract IoStatus WaitReadable();

    /// <summary>Receives the waiting bytes; never waits.</summary>
    public abstract IoResult Receive(Span<byte> destination);

    /// <summary>Copies the waiting bytes without consuming them; never waits.</summary>
    public abstract IoResult Peek(Span<byte> destination);

    /// <summary>Sends what the socket takes at once.</summary>
    /// <param name="endFollows">Holds back the last segment, because <see cref="ShutdownSend"/> follows and can share its packet.</param>
    public abstract IoResult Send(ReadOnlySpan<byte> source, bool endFollows);

    /// <summary>
    /// Sends the rest of a chunk, whole. The stream owns the chunk from the call on and gives it back itself, however this ends.
    /// </summary>
    public abstract IoStatus SendChunk(BufferChunk chunk, int offset, int count);

    /// <summary>
    /// Moves what has been received into the pipe, which is empty; never waits. 0 bytes, and <see cref="SocketError.WouldBlock"/>, say only
    /// that nothing was moved: at the mark of urgent data there may be more. What it means a <see cref="Receive"/> tells.
    /// <see cref="SocketError.OperationNotSupported"/>: nothing was taken, and the pipe is not usable any more.
    /// </summary>
    public abstract IoResult SpliceTo(StreamPipe pipe, int bytesMax);

    /// <summary>
    /// Sends what is in the pipe, as much as the socket takes at once; never waits. The rest stays in the pipe, after an error all of it.
    /// <see cref="SocketError.OperationNotSupported"/>: nothing was sent, and the pipe is not usable any more.
    /// </summary>
    public abstract IoResult SpliceFrom(StreamPipe pipe);

    /// <summary>Ends our direction (FIN). Errors are not reported: the other direction sees them.</summary>
    public abstract void ShutdownSend();

    /// <summary>Whether the peer has reset the connection, looked up without waiting; for a stream on which unread bytes hide it.</summary>
    public abstract bool IsReset();

    /// <summary>
    /// Whether a wait for readability would end at once, looked up without waiting: also while one is in flight whose end was not reported
    /// yet.
    /// </summary>
    public abstract bool IsReadable();

    /// <summary>The same of a connect or a send in flight: whether the connect is decided, or there is room for more.</summary>
    public abstract bool IsWritable();

    /// <summary>
    /// Whether the peer has ended its direction, or its connection, looked up without waiting; unread bytes do not hide it.
    /// </summary>
    public abstract bool IsEnded();

    /// <summary>Bytes that were sent and that the peer's kernel has not acknowledged yet.</summary>
    public abstract long UnacknowledgedBytes();

    /// <summary>How the peer answers what was sent to it; false where that cannot be told (UNIX sockets).</summary>
    public abstract bool TryGetSendState(out SendState state);

    /// <summary>How the connection has fared so far; false where that cannot be told (UNIX sockets).</summary>
    public abstract bool TryGetPathState(out PathState state);

    /// <summary>
    /// Has the kernel give up a retransmission after this time, in milliseconds, and not after its number of tries (TCP_USER_TIMEOUT,
    /// tcp(7)); 0 takes that back.
    /// </summary>
    public abstract void SetUserTimeout(int milliseconds);

    /// <summary>Turns on keep-alive probes, for a connection that lasts.</summary>
    public abstract void EnableKeepAlive(in KeepAliveOptions options);

    /// <summary>
    /// Sends the handshake's last packet now, if it waits for data to travel with: until it comes, the peer has not accepted.
    /// </summary>
    public abstract void Acknowledge();

    /// <summary>
    /// Has the close that follows send nothing, neither an end nor a reset. Where the process may not do that, what is sent gets no
    /// farther than the next router.
    /// </summary>
    public abstract void Mute();

    /// <summary>The local address of the connection; unspecified where it has none.</summary>
    public abstract InetEndPoint GetLocalEndPoint();

    /// <summary>
    /// Ends the stream: the owner gets no more calls from it. With <paramref name="reset"/> the peer gets a reset instead of a clean end.
    /// Operations in flight are cancelled and counted down before the stream is used again.
    /// </summary>
    public abstract void Close(bool reset);
}
