using System.Diagnostics;

namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// A piece of pinned memory that is cut into chunks of one class. When all of them are free, it can be cut into another class. The chunks
/// of a class are made once, so changing back and forth allocates nothing more. Belongs to one pool.
/// </summary>
internal sealed class BufferSlab
{
    /// <summary>256 KiB, the size of a large buffer: the least that all classes divide.</summary>
    public const int Bytes = 256 << 10;

    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(Bytes, pinned: true);
    private readonly BufferChunk[]?[] _chunks = new BufferChunk[BufferPool.Classes][];
    private BufferChunk[] _free = [];
    private int _freeCount;

    public BufferSlab() => CutInto(BufferClass.Large);

    public BufferClass Class { get; private set; }

    public bool IsWhollyFree => _freeCount == _free.Length;

    public bool HasFree => _freeCount > 0;

    /// <summary>The links of the pool's list of slabs of this class of which a part is free.</summary>
    internal BufferSlab? Previous { get; set; }

    internal BufferSlab? Next { get; set; }

    /// <summary>All chunks must be free.</summary>
    public void CutInto(BufferClass bufferClass)
    {
        Debug.Assert(IsWhollyFree, "a slab is cut again while a chunk of it is out");
        Class = bufferClass;
        BufferChunk[] chunks = _chunks[(int)bufferClass] ??= Cut(bufferClass);
        // Each class keeps its array: it holds the same chunks in whatever order they came back.
        _free = chunks;
        _freeCount = chunks.Length;
    }

    public BufferChunk Pop()
    {
        BufferChunk chunk = _free[--_freeCount];
        Debug.Assert(!chunk.IsRented, "a free buffer is marked as rented");
        chunk.Generation++;
        return chunk;
    }

    public void Push(BufferChunk chunk)
    {
        Debug.Assert(chunk.IsRented, "a buffer was returned twice");
        chunk.Generation++;
        _free[_freeCount++] = chunk;
    }

    private BufferChunk[] Cut(BufferClass bufferClass)
    {
        int size = BufferPool.SizeOf(bufferClass);
        BufferChunk[] chunks = new BufferChunk[Bytes / size];
        for (int i = 0; i < chunks.Length; i++) chunks[i] = new BufferChunk(_memory, i * size, size, bufferClass) { Slab = this };
        return chunks;
    }
}
