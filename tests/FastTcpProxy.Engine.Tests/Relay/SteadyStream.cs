using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>
/// A stream that itself allocates nothing, so that what is counted is the relay's: each receive brings a message, then would block; each
/// send takes what it is told to, the rest goes into a chunk that is pending. One thread; owned by a test.
/// </summary>
internal sealed class SteadyStream(BufferPool buffers) : StreamSocket
{
    private BufferChunk? _chunk;
    private bool _has;

    public int MessageBytes { get; init; } = 1000;

    public int TakesBytes { get; init; } = int.MaxValue;

    public long Sends { get; private set; }

    public bool IsSending => _chunk is not null;

    /// <summary>A message has come.</summary>
    public void Arrive() => _has = true;

    public void CompleteSend()
    {
        buffers.Return(_chunk!);
        _chunk = null;
    }

    public override IoResult Receive(Span<byte> destination)
    {
        if (!_has) return IoResult.Fail(SocketError.WouldBlock);
        _has = false;
        return IoResult.Of(Math.Min(MessageBytes, destination.Length));
    }

    public override IoStatus WaitReadable() => IoStatus.Pending;

    public override IoResult Send(ReadOnlySpan<byte> source, bool endFollows)
    {
        Sends++;
        return IoResult.Of(Math.Min(source.Length, TakesBytes));
    }

    public override IoStatus SendChunk(BufferChunk chunk, int offset, int count)
    {
        _chunk = chunk;
        return IoStatus.Pending;
    }

    public override IoResult SpliceTo(StreamPipe pipe, int bytesMax)
    {
        if (!_has) return IoResult.Fail(SocketError.WouldBlock);
        _has = false;
        return ((SteadyPipe)pipe).Put(Math.Min(MessageBytes, bytesMax));
    }

    public override IoResult SpliceFrom(StreamPipe pipe)
    {
        Sends++;
        return ((SteadyPipe)pipe).Take(Math.Min(pipe.Bytes, TakesBytes));
    }

    public override IoStatus Connect(IStreamOwner owner, UpstreamAddress target, InetEndPoint source, HandshakeEnd handshake) =>
        throw new NotSupportedException();

    public override IoResult Peek(Span<byte> destination) => throw new NotSupportedException();

    public override void ShutdownSend() => throw new NotSupportedException();

    public override bool IsReset() => throw new NotSupportedException();

    public override bool IsReadable() => throw new NotSupportedException();

    public override bool IsWritable() => throw new NotSupportedException();

    public override bool IsEnded() => throw new NotSupportedException();

    public override long UnacknowledgedBytes() => throw new NotSupportedException();

    public override bool TryGetSendState(out SendState state) => throw new NotSupportedException();

    public override bool TryGetPathState(out PathState state)
    {
        state = default;
        return false;
    }

    public override void SetUserTimeout(int milliseconds) => throw new NotSupportedException();

    public override void Acknowledge() => throw new NotSupportedException();

    public override void EnableKeepAlive(in KeepAliveOptions options) => throw new NotSupportedException();

    public override InetEndPoint GetLocalEndPoint() => throw new NotSupportedException();

    public override void Mute() => throw new NotSupportedException();

    public override void Close(bool reset) => throw new NotSupportedException();
}
