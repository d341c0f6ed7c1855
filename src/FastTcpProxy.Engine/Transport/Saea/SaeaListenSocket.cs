using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// A listening socket with one accept operation that is used again and again, in a loop as long as connections are there, never by
/// recursion. Belongs to one loop and owns the socket, which other processes may hold as well.
/// </summary>
internal sealed class SaeaListenSocket : ListenSocket
{
    /// <summary>How many connections are taken in one turn before the other work of the loop has its own.</summary>
    private const int AcceptsPerTurn = 64;

    private readonly SaeaTransport _transport;
    private readonly Socket _socket;
    private readonly IAcceptOwner _owner;
    private readonly AcceptOperation _operation;
    private bool _isInherited;
    private bool _closed;
    private bool _retiring;
    private volatile bool _isGone;
    private bool _steered;
    private SocketError _submitError;
    private bool _inheritsUrgentInStream;

    /// <param name="transport">Of its loop.</param>
    /// <param name="socket">It listens.</param>
    /// <param name="owner">Gets the connections.</param>
    /// <param name="isInherited">Whether another process has bound it: that one may listen on it still, and must notice nothing.</param>
    public SaeaListenSocket(SaeaTransport transport, Socket socket, IAcceptOwner owner, bool isInherited = false)
    {
        _isInherited = isInherited;
        _transport = transport;
        _socket = socket;
        _owner = owner;
        _operation = new AcceptOperation(this);
        // Here and not where it is bound, so that it holds for sockets of any origin. Accepted ones inherit it.
        Native.KeepUrgentInStream(FdOf(socket));
    }

    public override bool IsClosed => _isGone;

    public override void Accept()
    {
        for (int turn = 0; turn < AcceptsPerTurn; turn++)
        {
            if (_closed || _retiring) return;
            _operation.AcceptSocket = null;
            if (Submit()) return;
            if (!Take()) return;
        }
        _operation.Defer();
    }

    public override void Claim() => _isInherited = false;

    public override void Close()
    {
        _closed = true;
        // Cancels the accept in flight. A connection that it had already taken still comes, and is given to the owner.
        _transport.Abandon(_socket);
        // Not before: a thread that sees it may bind the address again.
        _isGone = true;
    }

    public override void Retire()
    {
        _retiring = true;
        // Otherwise the close resets a client that connects between the last accept and the close, although another socket may serve the
        // address (0.0.0.0 after 127.0.0.1). Its SYN is repeated, and finds that one.
        if (HasFilter) NativeListener.LetNoHandshakeBegin(FdOf(_socket));
        // The runtime does so not before the first accept.
        _socket.Blocking = false;
        new Emptying(this).Run();
    }

    /// <summary>Returns whether the accept waits.</summary>
    private bool Submit()
    {
        _submitError = SocketError.Success;
        if (!_steered) _transport.Steer();
        try
        {
            bool pending = _socket.AcceptAsync(_operation);
            // The queue was empty: later clients connect to a socket that has the option already.
            if (pending && _socket.AddressFamily != AddressFamily.Unix) _inheritsUrgentInStream = true;
            if (!_steered && pending)
            {
                _steered = true;
                _transport.OnListening();
            }
            return pending;
        }
        catch (Exception e) when (e is OutOfMemoryException or SocketException)
        {
            // The runtime throws where the kernel has no more room to watch a socket (epoll_ctl(2), ENOSPC): a lack like others.
            _submitError = SocketError.NoBufferSpaceAvailable;
            return false;
        }
        catch (InvalidOperationException)
        {
            // The runtime takes the socket for one that does not listen, which accept(2) calls EINVAL: it is opened again.
            _submitError = SocketError.InvalidArgument;
            return false;
        }
    }

    private bool Take()
    {
        SocketError error = _submitError != SocketError.Success ? _submitError : _operation.SocketError;
        Socket? accepted = _operation.AcceptSocket;
        _operation.AcceptSocket = null;
        if (error == SocketError.Success && accepted is not null)
        {
            InetEndPoint peer = accepted.RemoteEndPoint is IPEndPoint ip ? InetEndPoint.FromIPEndPoint(ip) : default;
            return Give(accepted, peer) && !_closed && !_retiring;
        }
        return !_closed && !_retiring && _owner.OnAcceptFailed(error);
    }

    /// <summary>
    /// Clients that connected before this socket was set up have not inherited that urgent bytes stay in the stream: those in the queue of
    /// a socket that was passed on. Nor does any on a UNIX socket, which inherits nothing. They cost one system call each, others none.
    /// </summary>
    private bool Give(Socket accepted, InetEndPoint peer)
    {
        if (!_inheritsUrgentInStream) Native.KeepUrgentInStream(FdOf(accepted));
        if (HasFilter) NativeListener.LetHandshakesBegin(FdOf(accepted));
        return _owner.OnAccepted(new AcceptedConnection(_transport.Take(accepted), peer));
    }

    private bool HasFilter => _retiring && !_isInherited && _socket.AddressFamily != AddressFamily.Unix;

    private static int FdOf(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    /// <summary>The accept, and the item by which a turn that has used up its budget continues.</summary>
    private sealed class AcceptOperation(SaeaListenSocket listener) : SocketAsyncEventArgs(true), ILoopItem
    {
        private bool _deferred;

        public ILoopItem? NextQueued { get; set; }

        public void Run()
        {
            if (_deferred)
            {
                _deferred = false;
                listener.Accept();
            }
            else if (listener.Take())
            {
                listener.Accept();
            }
        }

        public void OnFault(Exception fault) => listener._owner.OnFault(fault);

        /// <summary>No accept is in flight meanwhile, so the flag and the queue link have one user.</summary>
        public void Defer()
        {
            _deferred = true;
            listener._transport.Loop.Defer(this);
        }

        protected override void OnCompleted(SocketAsyncEventArgs e) => listener._transport.Loop.Dispatch(this);
    }

    /// <summary>
    /// Takes what is in the queue by the plain call, beside the accept of the runtime that is in flight, and closes. New clients may come
    /// as fast as others are taken, so there is an end to it.
    /// </summary>
    private sealed class Emptying(SaeaListenSocket listener) : ILoopItem
    {
        private int _left = ListenSocketBinder.Backlog;

        public ILoopItem? NextQueued { get; set; }

        public void Run()
        {
            if (listener._closed) return;
            for (int turn = 0; turn < AcceptsPerTurn; turn++)
            {
                if (_left-- == 0 || !TakeOne())
                {
                    listener.Close();
                    return;
                }
            }
            listener._transport.Loop.Defer(this);
        }

        public void OnFault(Exception fault)
        {
            if (!listener._closed) listener.Close();
        }

        private bool TakeOne()
        {
            int fd = NativeListener.TryAccept(FdOf(listener._socket), out InetEndPoint peer, out SocketError error);
            // Errors of the one connection: the next may be better. What is left when descriptors are used up is reset by the close.
            if (fd < 0) return error is not (SocketError.WouldBlock or SocketError.TooManyOpenSockets
                or SocketError.NoBufferSpaceAvailable);
            return listener.Give(new Socket(new SafeSocketHandle(fd, ownsHandle: true)), peer);
        }
    }
}
