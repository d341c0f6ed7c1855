using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Testing.Memory;

namespace FastTcpProxy.Engine.Tests.Memory;

/// <summary>The buffers: sizes, ownership, the bound, and what happens at it.</summary>
public sealed class BufferPoolTests
{
    private const int Slab = BufferSlab.Bytes;
    private const int Small = 4 << 10, Medium = 64 << 10, Large = 256 << 10;

    [Theory]
    [InlineData(1, Small)]
    [InlineData(Small, Small)]
    [InlineData(Small + 1, Medium)]
    [InlineData(Medium, Medium)]
    [InlineData(Medium + 1, Large)]
    [InlineData(Large, Large)]
    public void ClassFor_Bytes_IsTheSmallestThatHoldsThem(int bytes, int size) =>
        Assert.Equal(size, BufferPool.SizeOf(BufferPool.ClassFor(bytes)));

    [Fact]
    public void TryRent_AtTheBudget_IsNullAndTheBoundHolds()
    {
        BufferBudget budget = new(4 * Slab);
        SlabBufferPool pool = new(budget);
        _ = pool.ReceiveBuffer;
        List<BufferChunk> rented = [];
        while (pool.TryRent(BufferClass.Large) is { } chunk) rented.Add(chunk);
        Assert.Equal(3, rented.Count);
        Assert.False(budget.TryReserve(1), "not all of the budget was used");
        Assert.Null(pool.TryRent(BufferClass.Small));
        Assert.Equal(0, pool.AssuredBytes);
        pool.Return(rented[0]);
        Assert.Same(rented[0], pool.TryRent(BufferClass.Large));
        Assert.Equal(rented.Count, pool.Rented);
    }

    [Fact]
    public void TryRent_SlabWhoseChunksAreAllFree_IsCutIntoWhateverIsAskedFor()
    {
        SlabBufferPool pool = new(new BufferBudget(3 * Slab));
        _ = pool.ReceiveBuffer;
        foreach (BufferClass bufferClass in (BufferClass[])[BufferClass.Small, BufferClass.Large, BufferClass.Medium, BufferClass.Small])
        {
            List<BufferChunk> rented = [];
            while (pool.TryRent(bufferClass) is { } chunk) rented.Add(chunk);
            Assert.Equal(2 * Slab / BufferPool.SizeOf(bufferClass), rented.Count);
            // One chunk keeps its slab from changing, and no more than that.
            foreach (BufferChunk chunk in rented.Skip(1)) pool.Return(chunk);
            Assert.Equal(Large, pool.AssuredBytes);
            Assert.Equal(1, Drain(pool, BufferClass.Large));
            pool.Return(rented[0]);
        }
        Assert.Equal(0, pool.Rented);
    }

    [Fact]
    public void Loops_EachHasItsPart_AndTakesNoneOfTheOthers()
    {
        BufferBudget budget = new(8 * Slab);
        SlabBufferPool first = new(budget, loops: 2);
        SlabBufferPool second = new(budget, loops: 2);
        (_, _) = (first.ReceiveBuffer, second.ReceiveBuffer);
        Assert.Equal((3, 3), (Drain(first, BufferClass.Large), Drain(second, BufferClass.Large)));
        Assert.False(budget.TryReserve(1), "not all of the budget was used");
    }

    [Fact]
    public void TryRent_Chunks_DoNotOverlap()
    {
        SlabBufferPool pool = new(new BufferBudget(8 * Slab));
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
    [InlineData(100, Small)]
    [InlineData(Medium, Medium)]
    [InlineData(Medium + 1, Large)]
    [InlineData(Large - 5, Large)]
    public void SetAside_Bytes_AreCopiedAndTheReceiveBufferStays(int count, int size)
    {
        SlabBufferPool pool = new(new BufferBudget(8 * Slab));
        BufferChunk receiveBuffer = pool.ReceiveBuffer;
        new Random(1).NextBytes(receiveBuffer.Span);
        BufferChunk chunk = pool.SetAside(5, count);
        Assert.Equal(size, chunk.Size);
        Assert.Equal(receiveBuffer.Span.Slice(5, count).ToArray(), chunk.Span[..count].ToArray());
        Assert.Equal(1, pool.Rented);
        Assert.Same(receiveBuffer, pool.ReceiveBuffer);
        pool.Return(chunk);
        Assert.Equal(0, pool.Rented);
    }

    /// <summary>Whatever is out, as much as the pool said before can be put aside: that is what a read relies on.</summary>
    [Fact]
    public void SetAside_WhatWasAssured_NeverFails()
    {
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            SlabBufferPool pool = new(new BufferBudget((2 + round % 5) * Slab));
            List<BufferChunk> held = [];
            for (int step = 0; step < 400; step++)
            {
                int assured = pool.AssuredBytes;
                if (assured > 0 && random.Next(3) > 0) held.Add(pool.SetAside(0, 1 + random.Next(assured)));
                else if (held.Count > 0) GiveBack(random.Next(held.Count));
            }
            while (held.Count > 0) GiveBack(0);
            Assert.Equal((Large, 0), (pool.AssuredBytes, pool.Rented));

            void GiveBack(int at)
            {
                pool.Return(held[at]);
                held.RemoveAt(at);
            }
        }
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
        // Attempts that overlapped may have been refused in error; alone, one gets the rest.
        while (budget.TryReserve(7)) granted += 7;
        Assert.Equal(budget.BytesMax, granted);
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

    /// <summary>How many more there are.</summary>
    private static int Drain(BufferPool pool, BufferClass bufferClass)
    {
        List<BufferChunk> rented = [];
        while (pool.TryRent(bufferClass) is { } chunk) rented.Add(chunk);
        foreach (BufferChunk chunk in rented) pool.Return(chunk);
        return rented.Count;
    }
}
