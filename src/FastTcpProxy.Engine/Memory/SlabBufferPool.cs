namespace FastTcpProxy.Engine.Memory;

/// <summary>
/// The pool that serves traffic: chunks cut from slabs of pinned memory. The chunk that was used last is used first. A slab whose chunks
/// are all free is cut into the class that is asked for next. Slabs stay the loop's: what it once needed it will need again, and its part
/// of the budget bounds it. The pool allocates a slab when the last wholly free one is taken, and not when one is needed. So its promise
/// holds. Belongs to one loop and owns its slabs.
/// </summary>
internal sealed class SlabBufferPool : BufferPool
{
    /// <summary>The receive buffer, and one that bytes can be put aside into.</summary>
    private const int SlabsMin = 2;

    private readonly BufferBudget _budget;
    private readonly int _slabsMax;
    private readonly Stack<BufferSlab> _whole = new();

    // Of each class, the slabs of which some chunks are free and some are not.
    private readonly BufferSlab?[] _partly = new BufferSlab?[Classes];
    private int _slabs;
    private bool _isRefused;

    /// <param name="budget">What the loops have together.</param>
    /// <param name="loops">Among how many it is divided, in equal parts: what one loop's peers hold, no other loop lacks.</param>
    public SlabBufferPool(BufferBudget budget, int loops = 1)
    {
        _budget = budget;
        _slabsMax = (int)Math.Clamp(budget.BytesMax / loops / BufferSlab.Bytes, SlabsMin, int.MaxValue / BufferSlab.Bytes);
        Provide();
    }

    /// <summary>
    /// All but two slabs: the receive buffer, and what is lost where a free chunk is larger than what is asked for.
    /// </summary>
    public override long UsableBytes => Math.Max(_slabsMax - SlabsMin, 1) * (long)BufferSlab.Bytes;

    public override long SlabBytes => (long)_slabs * BufferSlab.Bytes;

    public override int AssuredBytes =>
        _whole.Count > 0 ? SizeOf(BufferClass.Large)
        : _partly[(int)BufferClass.Medium] is not null ? SizeOf(BufferClass.Medium)
        : _partly[(int)BufferClass.Small] is not null ? SizeOf(BufferClass.Small)
        : 0;

    protected override BufferChunk? TryTake(BufferClass bufferClass)
    {
        BufferSlab? slab = _partly[(int)bufferClass];
        if (slab is null)
        {
            if (!_whole.TryPop(out slab)) return null;
            if (slab.Class != bufferClass) slab.CutInto(bufferClass);
            BufferChunk first = slab.Pop();
            if (slab.HasFree) Link(slab);
            Provide();
            return first;
        }
        BufferChunk chunk = slab.Pop();
        if (!slab.HasFree) Unlink(slab);
        return chunk;
    }

    protected override void GiveBack(BufferChunk chunk)
    {
        BufferSlab slab = chunk.Slab!;
        bool wasLinked = slab.HasFree;
        slab.Push(chunk);
        if (slab.IsWhollyFree)
        {
            if (wasLinked) Unlink(slab);
            _whole.Push(slab);
        }
        else if (!wasLinked)
        {
            Link(slab);
        }
    }

    /// <summary>Sees to it that a slab is wholly free, as long as the loop may have more of them.</summary>
    private void Provide()
    {
        if (_whole.Count > 0 || _slabs == _slabsMax || _isRefused) return;
        if (!_budget.TryReserve(BufferSlab.Bytes) && _slabs >= SlabsMin) return;
        try
        {
            _whole.Push(new BufferSlab());
            _slabs++;
        }
        catch (OutOfMemoryException) when (_slabs >= SlabsMin)
        {
            // The process may use less than its budget was made from. What there is has to do, and nothing fails for it.
            _isRefused = true;
            _budget.Release(BufferSlab.Bytes);
        }
    }

    private void Link(BufferSlab slab)
    {
        ref BufferSlab? first = ref _partly[(int)slab.Class];
        slab.Next = first;
        slab.Previous = null;
        if (first is not null) first.Previous = slab;
        first = slab;
    }

    private void Unlink(BufferSlab slab)
    {
        if (slab.Previous is null) _partly[(int)slab.Class] = slab.Next;
        else slab.Previous.Next = slab.Next;
        if (slab.Next is not null) slab.Next.Previous = slab.Previous;
        slab.Next = slab.Previous = null;
    }
}
