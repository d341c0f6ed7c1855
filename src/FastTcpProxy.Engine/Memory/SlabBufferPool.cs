using System.Diagnostics;

namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// The pool that serves traffic: chunks cut from pinned slabs, kept on a stack per class, last used first. Slabs are never given back:
/// what a loop once needed it will need again, and the budget bounds it. Belongs to one loop and owns its slabs.
/// </summary>
internal sealed class SlabBufferPool(BufferBudget budget) : BufferPool
{
    private const int SlabBytes = 1 << 20;
    private const int SmallSlabBytes = 64 << 10;

    private readonly Stack<BufferChunk>[] _free = [new(), new(), new()];

    protected override BufferChunk? TryTake(BufferClass bufferClass)
    {
        Stack<BufferChunk> free = _free[(int)bufferClass];
        if (free.Count == 0 && !TryGrow(bufferClass, free)) return null;
        BufferChunk chunk = free.Pop();
        Debug.Assert(!chunk.IsRented, "a free buffer is marked as rented");
        chunk.Generation++;
        return chunk;
    }

    protected override void GiveBack(BufferChunk chunk)
    {
        Debug.Assert(chunk.IsRented, "a buffer was returned twice");
        chunk.Generation++;
        _free[(int)chunk.Class].Push(chunk);
    }

    private bool TryGrow(BufferClass bufferClass, Stack<BufferChunk> free)
    {
        int slabBytes = bufferClass == BufferClass.Small ? SmallSlabBytes : SlabBytes;
        if (!budget.TryReserve(slabBytes)) return false;
        int size = SizeOf(bufferClass);
        byte[] slab = GC.AllocateUninitializedArray<byte>(slabBytes, pinned: true);
        for (int offset = 0; offset < slabBytes; offset += size) free.Push(new BufferChunk(slab, offset, size, bufferClass));
        return true;
    }
}
