using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>
/// A stream whose every answer is written down before, and which writes down every call. One thread; owned by a test.
/// Without an answer a receive would block, a wait is pending, and a send takes all.
/// </summary>
internal sealed class ScriptedStream(string name, List<string> log, BufferPool buffers) : StreamSocket
{
    /// <summary>What receives give: bytes, none for the end.</summary>
    public Queue<(byte[]? Bytes, SocketError Error)> Receives { get; } = new();

    /// <summary>What splices say before they take from the script: nothing is moved.</summary>
    public Queue<IoResult> FalseSplices { get; } = new();

    public Queue<IoStatus> Waits { get; } = new();

    /// <summary>What sends take at most, or why they fail.</summary>
    public Queue<(int Bytes, SocketError Error)> Sends { get; } = new();

    public Queue<IoStatus> ChunkSends { get; } = new();

    /// <summary>Called when a splice answers that it is not supported.</summary>
    public Action? BeforeRefusal { get; set; }

    public List<byte> Sent { get; } = [];

    /// <summary>The chunk of a send that is pending, to be given back when the test lets it complete.</summary>
    public BufferChunk? Chunk { get; private set; }

    public ScriptedStream Gives(string text)
    {
        Receives.Enqueue((Encoding.ASCII.GetBytes(text), SocketError.Success));
        return this;
    }

    public ScriptedStream Ends()
    {
        Receives.Enqueue(([], SocketError.Success));
        return this;
    }

    public ScriptedStream Fails(SocketError error)
    {
        Receives.Enqueue((null, error));
        return this;
    }

    public override IoResult Receive(Span<byte> destination)
    {
        if (!Receives.TryDequeue(out (byte[]? Bytes, SocketError Error) next))
        {
            log.Add($"{name} receives nothing");
            return IoResult.Fail(SocketError.WouldBlock);
        }
        log.Add($"{name} receives {(next.Bytes is null ? next.Error.ToString() : next.Bytes.Length)}");
        if (next.Bytes is null) return IoResult.Fail(next.Error);
        next.Bytes.CopyTo(destination);
        return IoResult.Of(next.Bytes.Length);
    }

    public override IoStatus WaitReadable()
    {
        IoStatus status = Waits.TryDequeue(out IoStatus next) ? next : IoStatus.Pending;
        log.Add($"{name} waits: {status}");
        return status;
    }

    public override IoResult Send(ReadOnlySpan<byte> source, bool endFollows)
    {
        (int bytes, SocketError error) = Sends.TryDequeue(out (int Bytes, SocketError Error) next)
            ? next
            : (source.Length, SocketError.Success);
        bytes = Math.Min(bytes, source.Length);
        log.Add($"{name} sends {source.Length}{(endFollows ? ", end follows" : "")}: {(error == SocketError.Success ? bytes : error)}");
        if (error != SocketError.Success) return IoResult.Fail(error);
        Sent.AddRange(source[..bytes]);
        return IoResult.Of(bytes);
    }

    /// <summary>Takes from the same script as a receive; the end is there for both.</summary>
    public override IoResult SpliceTo(StreamPipe pipe, int bytesMax)
    {
        if (FalseSplices.TryDequeue(out IoResult said))
        {
            log.Add($"{name} splices falsely {(said.IsSuccess ? said.Bytes : said.Error)}");
            return said;
        }
        if (Receives.TryPeek(out (byte[]? Bytes, SocketError Error) first) && first.Bytes is [])
        {
            log.Add($"{name} splices 0");
            return IoResult.Of(0);
        }
        if (!Receives.TryDequeue(out (byte[]? Bytes, SocketError Error) next))
        {
            log.Add($"{name} splices nothing");
            return IoResult.Fail(SocketError.WouldBlock);
        }
        if (next.Error == SocketError.OperationNotSupported) BeforeRefusal?.Invoke();
        log.Add($"{name} splices {(next.Bytes is null ? next.Error.ToString() : next.Bytes.Length)}");
        if (next.Bytes is null) return IoResult.Fail(next.Error);
        Assert.True(next.Bytes.Length <= bytesMax);
        ((ScriptedPipe)pipe).Put(next.Bytes);
        return IoResult.Of(next.Bytes.Length);
    }

    /// <summary>Answers from the same script as a send.</summary>
    public override IoResult SpliceFrom(StreamPipe pipe)
    {
        (int bytes, SocketError error) = Sends.TryDequeue(out (int Bytes, SocketError Error) next)
            ? next
            : (pipe.Bytes, SocketError.Success);
        bytes = Math.Min(bytes, pipe.Bytes);
        if (error == SocketError.OperationNotSupported) BeforeRefusal?.Invoke();
        log.Add($"{name} is spliced {pipe.Bytes}: {(error == SocketError.Success ? bytes : error)}");
        if (error != SocketError.Success) return IoResult.Fail(error);
        Sent.AddRange(((ScriptedPipe)pipe).Take(bytes));
        return IoResult.Of(bytes);
    }

    public override IoStatus SendChunk(BufferChunk chunk, int offset, int count)
    {
        IoStatus status = ChunkSends.TryDequeue(out IoStatus next) ? next : IoStatus.Pending;
        log.Add($"{name} sends a chunk of {count}: {status}");
        Sent.AddRange(chunk.Span.Slice(offset, count));
        if (status == IoStatus.Pending) Chunk = chunk;
        else buffers.Return(chunk);
        return status;
    }

    /// <summary>Gives back the chunk of the pending send.</summary>
    public void CompleteChunk()
    {
        buffers.Return(Chunk!);
        Chunk = null;
    }

    public override void ShutdownSend() => log.Add($"{name} ends");

    public override IoStatus Connect(IStreamOwner owner, UpstreamAddress target, InetEndPoint source, HandshakeEnd handshake) =>
        throw new NotSupportedException();

    public override IoResult Peek(Span<byte> destination) => throw new NotSupportedException();

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
