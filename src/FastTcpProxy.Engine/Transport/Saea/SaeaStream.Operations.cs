using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <content>The operations of a stream, and what happens when each completes. All of it runs inside the loop.</content>
internal sealed partial class SaeaStream
{
    /// <summary>
    /// What a stream waits with, one for its whole life, made when it is first needed. The wait for readability is a receive of no bytes,
    /// which completes when there are some. The wait for a connect is a send of no bytes, which the kernel takes when the connection is
    /// there, and refuses with the connect's own error. (The runtime's own connect serializes the address each time, and asks the socket
    /// twice more.)
    /// </summary>
    private sealed class WaitOperation(SaeaStream stream) : StreamOperation(stream._transport.Loop)
    {
        public override void Run() => stream.OnWaitCompleted(Result);

        public override void OnFault(Exception fault) => stream.Owner?.OnStreamFault(stream, fault);
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

    private void OnWaitCompleted(SocketError error)
    {
        _inFlight--;
        switch (_state)
        {
            case State.Closing:
                ReturnWhenDrained();
                break;
            case State.Connecting:
                error = ResultOfConnect(error);
                if (error == SocketError.Success) OnConnected();
                Owner!.OnConnected(this, error);
                break;
            default:
                Owner!.OnReadable(this, error);
                break;
        }
    }

    private SocketError ResultOfConnect(SocketError error) =>
        error == SocketError.Success && IsConnectedToItself(_target!) ? SocketError.ConnectionRefused : error;

    /// <summary>Only a port that the kernel may choose is worth the check.</summary>
    private bool IsConnectedToItself(UpstreamAddress target) =>
        target.UnixPath is null && LocalPortRange.Contains(target.Inet.Port)
        && SelfConnect.IsItself(Native.GetLocalEndPoint(_fd), target.Inet);

    private void OnSendCompleted(SendOperation operation)
    {
        SocketError error = FinishSend(operation);
        _inFlight--;
        if (_state == State.Closing)
        {
            ReturnWhenDrained();
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
