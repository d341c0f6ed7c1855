using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Testing.Memory;

namespace FastTcpProxy.Engine.Tests.Memory;

/// <summary>The buffers: sizes, ownership, the bound, and what happens at it.</summary>
public sealed class BufferPoolTests
{
    private const int Slab = 1 << 20;
    private const int SmallSlab = 64 << 10;
    private const int Small = 4 << 10, Medium = 64 << 10, Large = 256 << 10;

    [Theory]
    [InlineData(1, Small)]
    [InlineData(Small, Small)]
    [InlineData(Small + 1, Medium)]
    [InlineData(Medium, Medium)]
    [InlineData(Medium + 1, Large)]
    [InlineData(Large, Large)]
    public void ClassFor_Bytes_IsTheSmallestThatHoldsThem(int bytes, int size) => Assert.Equal(size, BufferPool.SizeOf(BufferPool.ClassFor(bytes)));

    [Fact]
    public void TryRent_AtTheBudget_IsNullAndTheBoundHolds()
    {
        BufferBudget budget = new(2 * Slab);
        SlabBufferPool pool = new(budget);
        List<BufferChunk> rented = [];
        while (pool.TryRent(BufferClass.Large) is { } chunk) rented.Add(chunk);
        Assert.Equal(2 * Slab / Large, rented.Count);
        Assert.Equal(budget.BytesMax, budget.BytesReserved);
        Assert.Null(pool.TryRent(BufferClass.Small));
        pool.Return(rented[0]);
        Assert.Same(rented[0], pool.TryRent(BufferClass.Large));
        Assert.Equal(rented.Count, pool.Rented);
    }

    [Fact]
    public void TryRent_Chunks_DoNotOverlap()
    {
        SlabBufferPool pool = new(new BufferBudget(4 * Slab));
        List<BufferChunk> chunks = [];
        foreach (BufferClass bufferClass in Enum.GetValues<BufferClass>())
        {
            for (int i = 0; i < 4; i++) chunks.Add(pool.TryRent(bufferClass)!);
        }
        for (int i = 0; i < chunks.Count; i++) chunks[i].Span.Fill((byte)(i + 1));
        for (int i = 0; i < chunks.Count; i++)
        {
            Assert.Equal(BufferPool.SizeOf(chunks[i].Class), chunks[i].Size);
            Assert.Equal(-1, chunks[i].Span.IndexOfAnyExcept((byte)(i + 1)));
            Assert.True(chunks[i].Memory.Span == chunks[i].Span);
        }
    }

    [Fact]
    public void Generation_RentAndReturn_IsOddWhileRented()
    {
        SlabBufferPool pool = new(new BufferBudget(Slab));
        BufferChunk chunk = pool.TryRent(BufferClass.Small)!;
        uint first = chunk.Generation;
        Assert.True(chunk.IsRented);
        pool.Return(chunk);
        Assert.False(chunk.IsRented);
        Assert.Same(chunk, pool.TryRent(BufferClass.Small));
        Assert.Equal(first + 2, chunk.Generation);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(Medium, true)]
    [InlineData(Medium + 1, false)]
    public void SetAside_Bytes_AreCopiedWhenFewAndHandedOverWhenMany(int count, bool copied)
    {
        SlabBufferPool pool = new(new BufferBudget(8 * Slab));
        BufferChunk landing = pool.Landing!;
        new Random(1).NextBytes(landing.Span);
        byte[] expected = landing.Span.Slice(5, count).ToArray();
        (BufferChunk chunk, int offset) = pool.SetAside(5, count);
        Assert.Equal(copied, !ReferenceEquals(chunk, landing));
        Assert.Equal(expected, chunk.Span.Slice(offset, count).ToArray());
        Assert.Equal(1, pool.Rented);
        Assert.NotSame(chunk, pool.Landing);
        pool.Return(chunk);
        Assert.Equal(0, pool.Rented);
    }

    [Fact]
    public void SetAside_BudgetUsedUp_TheLandingBufferGoesAndNobodyMayRead()
    {
        // One slab of large buffers and nothing else.
        BufferBudget budget = new(Slab);
        SlabBufferPool pool = new(budget);
        BufferChunk landing = pool.Landing!;
        BufferChunk[] others = [pool.TryRent(BufferClass.Large)!, pool.TryRent(BufferClass.Large)!, pool.TryRent(BufferClass.Large)!];
        landing.Span[7] = 42;
        (BufferChunk chunk, int offset) = pool.SetAside(7, 1);
        Assert.Same(landing, chunk);
        Assert.Equal(42, chunk.Span[offset]);
        Assert.Null(pool.Landing);
        Assert.Equal(4, pool.Rented);
        pool.Return(others[0]);
        Assert.Same(others[0], pool.Landing);
    }

    [Fact]
    public void OnTick_Starved_TellsOnceWhenABufferIsThereAgain()
    {
        SlabBufferPool pool = new(new BufferBudget(Slab));
        BufferChunk[] all = [.. Enumerable.Range(0, Slab / Large).Select(_ => pool.TryRent(BufferClass.Large)!)];
        int told = 0;
        pool.Replenished += () => told++;
        pool.Starved = true;
        pool.OnTick();
        Assert.Equal(0, told);
        pool.Return(all[0]);
        pool.OnTick();
        pool.OnTick();
        Assert.Equal(1, told);
        Assert.False(pool.Starved);
    }

    [Fact]
    public void Budget_ManyThreads_IsNeverExceeded()
    {
        BufferBudget budget = new(1000 * 7);
        long granted = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                if (budget.TryReserve(7)) Interlocked.Add(ref granted, 7);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.True(granted <= budget.BytesMax, $"{granted} bytes of {budget.BytesMax}");
        Assert.Equal(granted, budget.BytesReserved);
        // Attempts that overlapped may have been refused in error; alone, the rest is to be had.
        while (budget.TryReserve(7)) granted += 7;
        Assert.Equal(budget.BytesMax, granted);
    }

    [Fact]
    public void Budget_SmallSlab_IsReservedAsSuch()
    {
        BufferBudget budget = new(SmallSlab);
        SlabBufferPool pool = new(budget);
        Assert.NotNull(pool.TryRent(BufferClass.Small));
        Assert.Null(pool.TryRent(BufferClass.Medium));
        Assert.Equal(SmallSlab, budget.BytesReserved);
    }

    [Fact]
    public void DiagnosticPool_WriteAfterReturn_IsFound()
    {
        DiagnosticBufferPool pool = new();
        BufferChunk chunk = pool.TryRent(BufferClass.Small)!;
        pool.Return(chunk);
        chunk.Span[17] = 1;
        Assert.Throws<InvalidOperationException>(() => pool.TryRent(BufferClass.Small));
    }

    [Fact]
    public void DiagnosticPool_SecondReturn_IsFound()
    {
        DiagnosticBufferPool pool = new();
        BufferChunk chunk = pool.TryRent(BufferClass.Small)!;
        pool.Return(chunk);
        Assert.Throws<InvalidOperationException>(() => pool.Return(chunk));
    }
}
