using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <content>The operations of a stream, and what happens when each completes. All of it runs inside the loop.</content>
internal sealed partial class SaeaStream
{
    /// <summary>The wait for readability: a receive of no bytes, which completes when there are some. One for each stream, its whole life.</summary>
    private sealed class ReadableOperation(SaeaStream stream) : StreamOperation(stream._transport.Loop)
    {
        public override void Run() => stream.OnReadableCompleted(SocketError);

        public override void OnFault(Exception fault) => stream.Owner?.OnStreamFault(stream, fault);
    }

    /// <summary>A connect. Rented for the time of one attempt.</summary>
    internal sealed class ConnectOperation(SaeaTransport transport) : StreamOperation(transport.Loop), IResettable
    {
        public SaeaStream? Stream;

        /// <summary>The runtime calls a path that does not exist an address that is not available, as if a local port were missing.</summary>
        public SocketError ConnectError =>
            SocketError == SocketError.AddressNotAvailable && RemoteEndPoint is UnixDomainSocketEndPoint ? SocketError.ConnectionRefused : SocketError;

        public override void Run() => Stream!.OnConnectCompleted(this);

        public override void OnFault(Exception fault) => Stream?.Owner?.OnStreamFault(Stream, fault);

        public bool TryReset()
        {
            Stream = null;
            RemoteEndPoint = null;
            return true;
        }
    }

    /// <summary>A send that has to wait for a slow receiver, with the chunk that it owns meanwhile. Rented while that lasts.</summary>
    internal sealed class SendOperation(SaeaTransport transport) : StreamOperation(transport.Loop), IResettable
    {
        public SaeaStream? Stream;
        public BufferChunk? Chunk;

        public override void Run() => Stream!.OnSendCompleted(this);

        public override void OnFault(Exception fault) => Stream?.Owner?.OnStreamFault(Stream, fault);

        public bool TryReset()
        {
            Stream = null;
            Chunk = null;
            SetBuffer(default);
            return true;
        }
    }

    private void OnReadableCompleted(SocketError error)
    {
        _inFlight--;
        if (_state == State.Closing)
        {
            RecycleWhenDrained();
            return;
        }
        Owner!.OnReadable(this, error);
    }

    private void OnConnectCompleted(ConnectOperation operation)
    {
        SocketError error = operation.ConnectError;
        _transport.Connects.Return(operation);
        _inFlight--;
        if (_state == State.Closing)
        {
            RecycleWhenDrained();
            return;
        }
        if (error == SocketError.Success) _state = State.Connected;
        Owner!.OnConnected(this, error);
    }

    private void OnSendCompleted(SendOperation operation)
    {
        SocketError error = FinishSend(operation);
        _inFlight--;
        if (_state == State.Closing)
        {
            RecycleWhenDrained();
            return;
        }
        Owner!.OnSent(this, error);
    }

    private SocketError FinishSend(SendOperation operation)
    {
        SocketError error = operation.SocketError;
        BufferChunk chunk = operation.Chunk!;
        _transport.Sends.Return(operation);
        _transport.Loop.Buffers.Return(chunk);
        return error;
    }
}
