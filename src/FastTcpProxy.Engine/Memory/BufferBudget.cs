namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// How many bytes the buffer pools of all loops may hold together; each may hold an equal part. A slab is reserved here before it is
/// allocated. Any thread.
/// </summary>
public sealed class BufferBudget
{
    /// <summary>The part of the memory that the process may use which buffers may take when the configuration names no limit.</summary>
    public const int DefaultShareOfMemory = 4;

    /// <summary>The least that a loop works well with: the receive buffer, and large rests of a dozen sessions.</summary>
    public const long BytesMinPerLoop = 4L << 20;

    private long _reserved;

    public BufferBudget(long bytesMax) => BytesMax = bytesMax;

    public long BytesMax { get; }

    /// <summary>
    /// A quarter of the memory that the runtime may use (the container's limit, where there is one), and enough for each loop.
    /// </summary>
    public static long DefaultBytesMax(int loops) =>
        Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / DefaultShareOfMemory, loops * BytesMinPerLoop);

    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _reserved, bytes) <= BytesMax) return true;
        Release(bytes);
        return false;
    }

    /// <summary>Gives back what was reserved.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _reserved, -bytes);
}
