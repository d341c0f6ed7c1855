using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Memory;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// The buffers of a loop that has found its size: rented and returned, and the rest of a message put aside, copied into a chunk of its
/// class. One thread; it owns the pool.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class BufferPoolBenchmarks
{
    private readonly SlabBufferPool _pool;
    private readonly BufferShare _share;

    public BufferPoolBenchmarks()
    {
        _pool = new SlabBufferPool(new BufferBudget(BufferBudget.BytesMinPerLoop));
        _share = _pool.Shares.Open();
    }

    [Benchmark(Baseline = true)]
    public int RentReturnSmall() => RentReturn(BufferClass.Small);

    [Benchmark]
    public int RentReturnMedium() => RentReturn(BufferClass.Medium);

    [Benchmark]
    public int RentReturnLarge() => RentReturn(BufferClass.Large);

    [Benchmark]
    public int SetAsideSmall() => SetAside(1000);

    [Benchmark]
    public int SetAsideMedium() => SetAside(BufferPool.SizeOf(BufferClass.Medium));

    [Benchmark]
    public int SetAsideLarge() => SetAside(BufferPool.SizeOf(BufferClass.Large));

    private int RentReturn(BufferClass bufferClass)
    {
        BufferChunk chunk = _pool.TryRent(bufferClass)!;
        int size = chunk.Size;
        _pool.Return(chunk);
        return size;
    }

    private int SetAside(int count)
    {
        BufferChunk chunk = _share.SetAside(0, count, holder: null);
        int size = chunk.Size;
        _pool.Return(chunk);
        return size;
    }
}
