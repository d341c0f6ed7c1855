namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// The buffers of one loop. Abstract so that tests can put a pool in its place that poisons, counts and refuses. Belongs to one loop.
/// </summary>
internal abstract class BufferPool
{
    private BufferChunk? _landing;

    /// <summary>How many chunks are rented, the landing buffer not counted.</summary>
    public int Rented { get; private set; }

    /// <summary>The smallest class that holds this many bytes, which are at most a large buffer's.</summary>
    public static BufferClass ClassFor(int bytes) =>
        bytes <= SizeOf(BufferClass.Small) ? BufferClass.Small : bytes <= SizeOf(BufferClass.Medium) ? BufferClass.Medium : BufferClass.Large;

    public static int SizeOf(BufferClass bufferClass) => bufferClass switch
    {
        BufferClass.Small => 4 << 10,
        BufferClass.Medium => 64 << 10,
        _ => 256 << 10,
    };

    /// <summary>
    /// The large buffer into which every receive of the loop goes. What is in it lives only until the current step has sent it or put it
    /// aside. Null while the budget is used up: then nobody may read, see <see cref="Starved"/>.
    /// </summary>
    public BufferChunk? Landing => _landing ??= TryTake(BufferClass.Large);

    /// <summary>Raised inside the loop when a large buffer has come back after <see cref="Landing"/> was null.</summary>
    public event Action? Replenished;

    /// <summary>Whether somebody found no landing buffer since the last one came back.</summary>
    public bool Starved { get; set; }

    /// <summary>A chunk of the class, or null when the budget is used up.</summary>
    public BufferChunk? TryRent(BufferClass bufferClass)
    {
        BufferChunk? chunk = TryTake(bufferClass);
        if (chunk is null) return null;
        Rented++;
        return chunk;
    }

    /// <summary>Gives a rented chunk back. Its owner must have let go of it.</summary>
    public void Return(BufferChunk chunk)
    {
        Rented--;
        GiveBack(chunk);
    }

    /// <summary>
    /// Puts the bytes, which lie in the landing buffer, into a chunk that the caller owns from here on: copied when they are few,
    /// else by handing over the landing buffer itself. Always succeeds: where the budget is used up the landing buffer goes.
    /// </summary>
    /// <returns>The chunk, and where in it the bytes begin.</returns>
    public (BufferChunk Chunk, int Offset) SetAside(int offset, int count)
    {
        BufferChunk landing = _landing!;
        if (count <= SizeOf(BufferClass.Medium) && TryRent(ClassFor(count)) is { } chunk)
        {
            landing.Span.Slice(offset, count).CopyTo(chunk.Span);
            return (chunk, 0);
        }
        _landing = null;
        Rented++;
        return (landing, offset);
    }

    /// <summary>Called at each tick of the loop: whoever starved is let try again, as another loop may have given memory back.</summary>
    public void OnTick()
    {
        if (!Starved || Landing is null) return;
        Starved = false;
        Replenished?.Invoke();
    }

    protected abstract BufferChunk? TryTake(BufferClass bufferClass);

    protected abstract void GiveBack(BufferChunk chunk);
}
