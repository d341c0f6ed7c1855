using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Upstreams;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <content>The operations of a stream, and what happens when each completes. All of it runs inside the loop.</content>
internal sealed partial class SaeaStream
{
    /// <summary>The wait for readability: a receive of no bytes, which completes when there are some. One for each stream, its whole life.</summary>
    private sealed class ReadableOperation(SaeaStream stream) : StreamOperation(stream._transport.Loop)
    {
        public override void Run() => stream.OnReadableCompleted(Result);

        public override void OnFault(Exception fault) => stream.Owner?.OnStreamFault(stream, fault);
    }

    /// <summary>
    /// The wait for a connect: a send of no bytes, which the kernel takes when the connection is there, and refuses with the connect's own error.
    /// Rented for the time of one attempt. (The runtime's own connect serializes the address each time, and asks the socket twice more.)
    /// </summary>
    internal sealed class ConnectOperation(SaeaTransport transport) : StreamOperation(transport.Loop), IResettable
    {
        public SaeaStream? Stream;
        public UpstreamAddress? Target;

        public override void Run() => Stream!.OnConnectCompleted(this);

        public override void OnFault(Exception fault) => Stream?.Owner?.OnStreamFault(Stream, fault);

        public bool TryReset()
        {
            Stream = null;
            Target = null;
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
        _inFlight--;
        SocketError error = ResultOfConnect(operation);
        if (_state == State.Closing)
        {
            RecycleWhenDrained();
            return;
        }
        if (error == SocketError.Success) OnConnected();
        Owner!.OnConnected(this, error);
    }

    private SocketError ResultOfConnect(ConnectOperation operation)
    {
        SocketError error = operation.Result;
        bool self = error == SocketError.Success && _state == State.Connecting && IsConnectedToItself(operation.Target!);
        _transport.Connects.Return(operation);
        return self ? SocketError.ConnectionRefused : error;
    }

    /// <summary>
    /// A connect to a port of this machine on which nobody listens, and which the kernel may choose as a local port, can choose that very port
    /// and then meets itself (RFC 9293, 3.5, simultaneous open). It is the refusal that it should have been.
    /// </summary>
    private bool IsConnectedToItself(UpstreamAddress target) =>
        target.UnixPath is null && LocalPortRange.Contains(target.Inet.Port) && Native.GetLocalEndPoint(_fd).Equals(target.Inet);

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
        SocketError error = operation.Result;
        BufferChunk chunk = operation.Chunk!;
        _transport.Sends.Return(operation);
        _transport.Loop.Buffers.Return(chunk);
        return error;
    }
}
