using FastTcpProxy.Engine.Memory;

namespace FastTcpProxy.Testing.Memory;

/// <summary>
/// A buffer pool that looks for mistakes: what comes back is filled with a pattern, which must still stand there when the chunk is rented
/// again (else someone wrote after the return); it refuses at random, and knows what was not returned. Belongs to one loop.
/// </summary>
/// <param name="refuses">Says for each take whether the budget is to be used up; null never refuses.</param>
/// <param name="arena">Where the memory comes from; shared by the pools of simulations that run one after another.</param>
internal sealed class DiagnosticBufferPool(Func<BufferClass, bool>? refuses = null, BufferArena? arena = null) : BufferPool
{
    private const byte Returned = 0xDB;
    private const byte Fresh = 0xFB;

    private readonly BufferArena _arena = arena ?? new BufferArena();
    private readonly Stack<BufferChunk>[] _free = [new(), new(), new()];
    private readonly List<BufferChunk> _all = [];

    /// <summary>Throws when a chunk has come back, if a test wants it; called with the step's name.</summary>
    public Action<string>? Defect { get; set; }

    /// <summary>How often a take was refused.</summary>
    public int Refusals { get; private set; }

    /// <summary>How many chunks are out, the receive buffer counted.</summary>
    public int Out { get; private set; }

    /// <summary>Looks through every free chunk, and gives the memory back to the arena. The pool is of no use after it.</summary>
    public void VerifyAndRelease()
    {
        foreach (Stack<BufferChunk> free in _free)
        {
            foreach (BufferChunk chunk in free) Verify(chunk);
        }
        foreach (BufferChunk chunk in _all) _arena.Return(chunk.Class, chunk);
        _all.Clear();
    }

    public override long UsableBytes => UsableBytesMax;

    /// <summary>What all may hold together; set before the first share is opened, by default more than any test holds.</summary>
    public long UsableBytesMax { get; set; } = 1L << 40;

    /// <summary>Nothing, or little, as chance has it; what it says is kept.</summary>
    public override int AssuredBytes =>
        Refuses(BufferClass.Large) ? Refuses(BufferClass.Small) ? 0 : SizeOf(BufferClass.Small) : SizeOf(BufferClass.Large);

    public override BufferChunk? TryRent(BufferClass bufferClass) => Refuses(bufferClass) ? null : base.TryRent(bufferClass);

    protected override BufferChunk? TryTake(BufferClass bufferClass)
    {
        if (_free[(int)bufferClass].TryPop(out BufferChunk? chunk))
        {
            Verify(chunk);
        }
        else
        {
            chunk = _arena.Take(bufferClass);
            _all.Add(chunk);
        }
        if (chunk.IsRented) throw new InvalidOperationException("a free buffer is marked as rented");
        chunk.Span.Fill(Fresh);
        chunk.Generation++;
        Out++;
        return chunk;
    }

    protected override void GiveBack(BufferChunk chunk)
    {
        if (!chunk.IsRented) throw new InvalidOperationException("a buffer was returned twice");
        if (!_all.Contains(chunk)) throw new InvalidOperationException("a buffer was returned to a pool that it does not come from");
        chunk.Generation++;
        chunk.Span.Fill(Returned);
        Out--;
        _free[(int)chunk.Class].Push(chunk);
        Defect?.Invoke("buffer");
    }

    private bool Refuses(BufferClass bufferClass)
    {
        if (refuses is null || !refuses(bufferClass)) return false;
        Refusals++;
        return true;
    }

    private static void Verify(BufferChunk chunk)
    {
        int at = chunk.Span.IndexOfAnyExcept(Returned);
        if (at >= 0) throw new InvalidOperationException($"a buffer was written to after its return, at byte {at} of {chunk.Size}");
    }
}
