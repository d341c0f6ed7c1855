using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// A pipe into which bytes go from a socket and out of which they go to another without being touched (<see cref="StreamSocket.SpliceTo"/>,
/// <see cref="StreamSocket.SpliceFrom"/>). Belongs to one loop; the code that took it from the <see cref="PipePool"/> owns it until it is
/// returned.
/// </summary>
internal abstract class StreamPipe(LoopMetrics metrics)
{
    /// <summary>How much is read at once of what is discarded.</summary>
    private const int ScratchBytes = 16 << 10;

    /// <summary>Whether sockets can be spliced with it; else bytes are copied. Does not become true again.</summary>
    public abstract bool IsUsable { get; }

    /// <summary>Bytes that are in it.</summary>
    public int Bytes { get; private set; }

    /// <summary>Takes bytes out: as many as there is room for, or as there are.</summary>
    public int Read(Span<byte> destination)
    {
        int wanted = Math.Min(destination.Length, Bytes);
        for (int count = 0; count < wanted;)
        {
            int read = ReadSome(destination[count..wanted]);
            count += read;
            Bytes -= read;
        }
        return wanted;
    }

    /// <summary>Drops what is in it.</summary>
    public void Clear()
    {
        Span<byte> scratch = stackalloc byte[ScratchBytes];
        while (Bytes > 0) Read(scratch);
    }

    /// <summary>Notes what a splice has put in.</summary>
    protected void OnFilled(int bytes) => Bytes += bytes;

    /// <summary>Notes what a splice has taken out.</summary>
    protected void OnDrained(int bytes)
    {
        Bytes -= bytes;
        metrics.Counts.BytesSpliced += bytes;
    }

    /// <summary>Takes bytes out, at least one: it is not called on an empty pipe.</summary>
    protected abstract int ReadSome(Span<byte> destination);
}
