using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// A listening socket with one accept operation that is used again and again, in a loop as long as connections are there, never by recursion.
/// Belongs to one loop and owns the socket.
/// </summary>
internal sealed class SaeaListenSocket : ListenSocket
{
    /// <summary>How many connections are taken in one turn before the other work of the loop has its own.</summary>
    private const int AcceptsPerTurn = 64;

    private readonly EventLoop _loop;
    private readonly ITransport _transport;
    private readonly Socket _socket;
    private readonly IAcceptOwner _owner;
    private readonly AcceptOperation _operation;
    private bool _closed;
    private bool _steered;
    private bool _submitFailed;

    public SaeaListenSocket(EventLoop loop, ITransport transport, Socket socket, IAcceptOwner owner)
    {
        _loop = loop;
        _transport = transport;
        _socket = socket;
        _owner = owner;
        _operation = new AcceptOperation(this);
    }

    public override void Accept()
    {
        for (int turn = 0; turn < AcceptsPerTurn; turn++)
        {
            if (_closed) return;
            _operation.AcceptSocket = null;
            if (!_steered)
            {
                _steered = true;
                SocketPlacement.Steer(_loop.Index);
            }
            if (Submit()) return;
            if (!Take()) return;
        }
        _transport.Defer(_operation);
    }

    public override void Close()
    {
        _closed = true;
        _socket.Dispose();
    }

    /// <summary>Returns whether the accept waits.</summary>
    private bool Submit()
    {
        _submitFailed = false;
        try
        {
            return _socket.AcceptAsync(_operation);
        }
        catch (Exception e) when (e is OutOfMemoryException or SocketException)
        {
            // The runtime throws where the kernel has no more room to watch a socket (epoll_ctl(2), ENOSPC): a lack like others.
            _submitFailed = true;
            return false;
        }
    }

    private bool Take()
    {
        SocketError error = _submitFailed ? SocketError.NoBufferSpaceAvailable : _operation.SocketError;
        Socket? accepted = _operation.AcceptSocket;
        _operation.AcceptSocket = null;
        if (_closed)
        {
            accepted?.Dispose();
            return false;
        }
        if (error != SocketError.Success || accepted is null) return _owner.OnAcceptFailed(error);
        InetEndPoint peer = accepted.RemoteEndPoint is IPEndPoint ip ? InetEndPoint.FromIPEndPoint(ip) : default;
        return _owner.OnAccepted(new AcceptedConnection(accepted, peer));
    }

    /// <summary>The accept, and the item by which a turn that has used up its budget continues.</summary>
    private sealed class AcceptOperation(SaeaListenSocket listener) : SocketAsyncEventArgs(true), IDeferrable
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

        void IThreadPoolWorkItem.Execute()
        {
            // No accept is in flight while a continuation is deferred, so the flag and the queue link have one user.
            _deferred = true;
            listener._loop.Dispatch(this);
        }

        protected override void OnCompleted(SocketAsyncEventArgs e) => listener._loop.Dispatch(this);
    }
}
