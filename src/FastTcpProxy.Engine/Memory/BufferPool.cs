namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// The buffers of one loop. Abstract so that tests can put a pool in its place that poisons, counts and refuses. Belongs to one loop.
/// </summary>
internal abstract class BufferPool
{
    /// <summary>How many classes there are.</summary>
    public const int Classes = 3;

    private BufferChunk? _receiveBuffer;

    protected BufferPool() => Shares = new BufferShares(this);

    /// <summary>How many chunks are rented, the receive buffer not counted.</summary>
    public int Rented { get; private set; }

    /// <summary>What each service has of the buffers.</summary>
    public BufferShares Shares { get; }

    /// <summary>The smallest class that holds this many bytes, which are at most a large buffer's.</summary>
    public static BufferClass ClassFor(int bytes) =>
        bytes <= SizeOf(BufferClass.Small) ? BufferClass.Small : bytes <= SizeOf(BufferClass.Medium) ? BufferClass.Medium
        : BufferClass.Large;

    public static int SizeOf(BufferClass bufferClass) => bufferClass switch
    {
        BufferClass.Small => 4 << 10,
        BufferClass.Medium => 64 << 10,
        _ => 256 << 10,
    };

    /// <summary>
    /// The large buffer into which every receive of the loop goes. What is in it lives only until the current step has sent it or put it
    /// aside. It is never given away: a loop can always read what its peers send on at once.
    /// </summary>
    public BufferChunk ReceiveBuffer =>
        _receiveBuffer ??= TryTake(BufferClass.Large) ?? throw new InvalidOperationException("a pool begins with a receive buffer");

    /// <summary>How many bytes can be put aside now, whatever else fails; 0: none.</summary>
    public abstract int AssuredBytes { get; }

    /// <summary>Bytes of slabs that the pool has.</summary>
    public virtual long SlabBytes => 0;

    /// <summary>What all shares may hold together.</summary>
    public abstract long UsableBytes { get; }

    /// <summary>How often the loop has ticked.</summary>
    public uint Ticks { get; private set; }

    /// <summary>Raised inside the loop at each tick as long as a holder waits for a buffer.</summary>
    public event Action? WhileShort;

    /// <summary>A chunk of the class, or null when there is none. It counts against no share.</summary>
    public virtual BufferChunk? TryRent(BufferClass bufferClass)
    {
        BufferChunk? chunk = TryTake(bufferClass);
        if (chunk is not null) Rented++;
        return chunk;
    }

    /// <summary>Gives a rented chunk back. Its owner must not use it any more.</summary>
    public void Return(BufferChunk chunk)
    {
        Rented--;
        chunk.Share?.OnReturned(chunk);
        GiveBack(chunk);
    }

    /// <summary>
    /// Copies the first bytes behind <paramref name="offset"/> of the receive buffer into a chunk that the caller owns from here on. Never
    /// fails: there are at most as many as <see cref="AssuredBytes"/> said before they were read.
    /// </summary>
    public BufferChunk SetAside(int offset, int count)
    {
        BufferChunk? chunk = null;
        for (BufferClass bufferClass = ClassFor(count); chunk is null && bufferClass <= BufferClass.Large; bufferClass++)
            chunk = TryTake(bufferClass);
        if (chunk is null) throw new InvalidOperationException($"read {count} B, more than could be put aside");
        Rented++;
        ReceiveBuffer.Span.Slice(offset, count).CopyTo(chunk.Span);
        return chunk;
    }

    /// <summary>Called at each tick of the loop.</summary>
    public void OnTick()
    {
        Ticks++;
        if (Shares.IsAnybodyWaiting) WhileShort?.Invoke();
    }

    protected abstract BufferChunk? TryTake(BufferClass bufferClass);

    protected abstract void GiveBack(BufferChunk chunk);
}
