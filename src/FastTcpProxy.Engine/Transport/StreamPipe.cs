using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Relay;

namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// What the landing buffer is to copying, this is to splicing: one pipe for the whole loop, into which bytes go from a socket and out of which
/// they go to another without being touched (<see cref="StreamSocket.SpliceTo"/>, <see cref="StreamSocket.SpliceFrom"/>). It is empty between
/// moves: what a target does not take is read out of it. Belongs to one loop.
/// </summary>
internal abstract class StreamPipe(EngineCounters counters)
{
    /// <summary>The most that one move puts in: a large buffer's size, so that all of it can be read out into the landing buffer.</summary>
    public const int MoveBytesMax = MovePolicy.WindowBytesMax;

    /// <summary>Whether there is a pipe, and sockets can be spliced with it; else bytes are copied. Does not become true again.</summary>
    public abstract bool IsUsable { get; }

    /// <summary>When it pays to be used.</summary>
    public SpliceTerms Terms { get; init; } = SpliceTerms.Measured;

    /// <summary>Bytes that are in it.</summary>
    public int Bytes { get; private set; }

    /// <summary>Takes all bytes out into a buffer that has room for them, and returns how many they were.</summary>
    public int ReadAll(Span<byte> destination)
    {
        int count = 0;
        while (Bytes > 0)
        {
            int read = Read(destination[count..]);
            count += read;
            Bytes -= read;
        }
        return count;
    }

    /// <summary>Notes what a splice has put in.</summary>
    protected void OnFilled(int bytes) => Bytes += bytes;

    /// <summary>Notes what a splice has taken out.</summary>
    protected void OnDrained(int bytes)
    {
        Bytes -= bytes;
        counters.BytesSpliced += bytes;
    }

    /// <summary>Takes bytes out, at least one: it is not called on an empty pipe.</summary>
    protected abstract int Read(Span<byte> destination);
}
