using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// A stream over a socket: immediate calls go straight to the descriptor, waiting goes through pooled <see cref="SocketAsyncEventArgs"/>.
/// It owns its socket from connect or accept to <see cref="Close"/>, and counts its operations in flight: not before the last one has
/// completed does it go back to the transport's pool. Belongs to one loop.
/// </summary>
internal sealed partial class SaeaStream : StreamSocket, IResettable
{
    private enum State : byte
    {
        /// <summary>In the pool: no socket, no owner, nothing in flight.</summary>
        Idle,

        /// <summary>Socket and owner are set, a connect is in flight.</summary>
        Connecting,

        /// <summary>The socket is set, and the owner unless the stream was accepted and not adopted yet.</summary>
        Connected,

        /// <summary>Socket closed, owner gone, operations in flight.</summary>
        Closing,
    }

    private readonly SaeaTransport _transport;
    private WaitOperation? _wait;
    private UpstreamAddress? _target;
    private Socket? _socket;
    private int _fd = -1;
    private int _inFlight;
    private State _state;
    private bool _steered;
    private bool _delaysAcks;
    private bool _canRecycle;
    private bool _endSeen;
    private bool _endSent;

    public SaeaStream(SaeaTransport transport) => _transport = transport;

    /// <summary>Takes an accepted socket.</summary>
    public void Take(Socket socket)
    {
        Debug.Assert(_state == State.Idle, "taken while in use");
        Own(socket, State.Connected);
    }

    public override IoStatus Connect(IStreamOwner owner, UpstreamAddress target, InetEndPoint source, HandshakeEnd handshake)
    {
        Debug.Assert(_state == State.Idle, "connected while in use");
        SocketError error = OwnForConnect(owner, target, source);
        if (error != SocketError.Success) return Failed(error);
        _delaysAcks = target.UnixPath is null && target.Acknowledgements.MayWait;
        if (target.UnixPath is null && handshake == HandshakeEnd.Held) DelayAcks();
        else if (_delaysAcks && handshake == HandshakeEnd.WithData) DelayAcks();
        error = Native.Connect(_fd, target.Native);
        if (error == SocketError.InProgress)
        {
            if (Submit(Wait)) return IoStatus.Pending;
            error = ResultOfConnect(Wait.Result);
        }
        if (error != SocketError.Success) return Failed(error);
        OnConnected();
        return IoStatus.Done;
    }

    public override IoStatus WaitReadable()
    {
        Debug.Assert(_state == State.Connected, "waits on a stream that is not connected");
        if (Submit(Wait)) return IoStatus.Pending;
        return Wait.Result == SocketError.Success ? IoStatus.Done : Failed(Wait.Result);
    }

    public override IoResult Receive(Span<byte> destination)
    {
        IoResult received = Native.Receive(_fd, destination);
        if (received.IsSuccess && received.Bytes == 0) _endSeen = true;
        return received;
    }

    public override IoResult Peek(Span<byte> destination) => Native.Peek(_fd, destination);

    public override IoResult Send(ReadOnlySpan<byte> source, bool endFollows) => Native.Send(_fd, source, endFollows);

    public override IoStatus SendChunk(BufferChunk chunk, int offset, int count)
    {
        SendOperation operation = _transport.Sends.Get();
        operation.Stream = this;
        operation.Chunk = chunk;
        operation.SetBuffer(chunk.Memory.Slice(offset, count));
        if (Submit(operation)) return IoStatus.Pending;
        SocketError error = FinishSend(operation);
        return error == SocketError.Success ? IoStatus.Done : Failed(error);
    }

    public override void ShutdownSend()
    {
        _endSent = true;
        Native.ShutdownSend(_fd);
    }

    public override bool IsReset() => Native.IsReset(_fd);

    public override bool IsReadable() => Native.IsReadable(_fd);

    public override bool IsWritable() => Native.IsWritable(_fd);

    public override bool IsEnded() => Native.IsEnded(_fd);

    public override long UnacknowledgedBytes() => Native.UnacknowledgedBytes(_fd);

    public override bool TryGetSendState(out SendState state) => Native.TryGetSendState(_fd, out state);

    public override bool TryGetPathState(out PathState state) => Native.TryGetPathState(_fd, out state);

    public override void SetUserTimeout(int milliseconds) => Native.SetUserTimeout(_fd, milliseconds);

    public override void Acknowledge()
    {
        Native.AcknowledgeNow(_fd);
        if (_target!.Acknowledgements.MayWait) Native.DelayAcknowledgements(_fd);
    }

    public override void EnableKeepAlive(in KeepAliveOptions options)
    {
        _canRecycle = false;
        Native.SetKeepAlive(_fd, options);
    }

    public override InetEndPoint GetLocalEndPoint() => Native.GetLocalEndPoint(_fd);

    public override void Mute() => Native.Mute(_fd);

    public override void Close(bool reset)
    {
        Debug.Assert(_state != State.Closing, "closed twice");
        Owner = null;
        Socket? socket = _socket;
        _socket = null;
        if (socket is not null && !(!reset && TryRecycle(socket)))
        {
            if (reset) Native.ResetOnClose(_fd);
            else if (_inFlight > 0) ShutDownForTheRuntime(socket);
            _fd = -1;
            _state = State.Closing;
            // Cancels what is in flight; the completions come later, through the mailbox at the earliest.
            socket.Dispose();
        }
        ReturnWhenDrained();
    }

    public bool TryReset()
    {
        Debug.Assert(_inFlight == 0 && _socket is null, "returned with operations in flight");
        _state = State.Idle;
        _fd = -1;
        _steered = _canRecycle = _endSeen = _endSent = false;
        Owner = null;
        _target = null;
        LastError = SocketError.Success;
        return true;
    }

    private WaitOperation Wait => _wait ??= new WaitOperation(this);

    private SocketError OwnForConnect(IStreamOwner owner, UpstreamAddress target, InetEndPoint source)
    {
        // A bound socket would keep its address.
        bool isPlain = target.UnixPath is null && source.Family == EndPointFamily.Unspecified;
        SocketError error = SocketError.Success;
        Socket? recycled = isPlain ? _transport.Recycled.TryTake(target.EndPoint.AddressFamily) : null;
        Socket? socket = recycled ?? SaeaTransport.TryCreateSocket(target.EndPoint.AddressFamily, out error);
        if (socket is null) return error;
        Own(socket, State.Connecting);
        Owner = owner;
        _canRecycle = isPlain;
        _target = target;
        // The runtime keeps a socket on the thread that it once gave it to.
        _steered = recycled is not null;
        // A recycled one was set up when it was new, and keeps that.
        if (recycled is not null) return SocketError.Success;
        Native.KeepUrgentInStream(_fd);
        if (target.UnixPath is not null) return SocketError.Success;
        Native.SetNoDelay(_fd);
        return isPlain ? SocketError.Success : Native.BindSource(_fd, source);
    }

    /// <summary>
    /// Until the connection is there, its last packet of the handshake would wait as well: then only if something is sent at once anyway.
    /// </summary>
    private void DelayAcks()
    {
        _delaysAcks = false;
        Native.DelayAcknowledgements(_fd);
    }

    private void OnConnected()
    {
        _state = State.Connected;
        if (_delaysAcks) DelayAcks();
    }

    /// <summary>Lets the socket be used again, if its connection ends in order and nothing of it is left in the runtime.</summary>
    private bool TryRecycle(Socket socket)
    {
        if (!_canRecycle || !_endSeen || _inFlight > 0 || _state != State.Connected) return false;
        if (!_endSent) Native.ShutdownSend(_fd);
        _transport.Recycled.Add(socket);
        return true;
    }

    private void Own(Socket socket, State state)
    {
        _socket = socket;
        _fd = (int)socket.SafeHandle.DangerousGetHandle();
        _state = state;
    }

    /// <summary>
    /// The runtime makes a reset of a close that cancels operations, unless it was itself told to end the stream before.
    /// </summary>
    private static void ShutDownForTheRuntime(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The connection is gone already, and no peer is left to see how it ends.
        }
    }

    private IoStatus Failed(SocketError error)
    {
        LastError = error;
        return IoStatus.Failed;
    }

    /// <summary>Returns whether the operation waits; else its result is there.</summary>
    private bool Submit(StreamOperation operation)
    {
        if (!_steered)
        {
            _steered = true;
            _transport.Steer();
        }
        operation.SubmitError = SocketError.Success;
        bool pending;
        try
        {
            pending = ReferenceEquals(operation, _wait) && _state == State.Connected
                ? _socket!.ReceiveAsync(operation)
                : _socket!.SendAsync(operation);
        }
        catch (Exception e) when (e is OutOfMemoryException or SocketException)
        {
            // The runtime throws where the kernel has no more room to watch a socket (epoll_ctl(2), ENOSPC); here it is a value like
            // others.
            operation.SubmitError = SocketError.NoBufferSpaceAvailable;
            return false;
        }
        if (pending) _inFlight++;
        return pending;
    }

    private void ReturnWhenDrained()
    {
        if (_inFlight == 0) _transport.Streams.Return(this);
    }
}
