using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Tests.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>The pipes of a loop, and what happens when all but one are kept.</summary>
public sealed class PipePoolTests
{
    private static readonly SpliceTerms Terms = SpliceTerms.Measured;

    private readonly LoopMetrics _metrics = MetricsRegistry.Small().Loops[0];

    [Fact]
    public void Pool_AllButOneAreOut_TheLastMovesLessAndAfterItThereIsNone()
    {
        PipePool pool = new(Terms, [.. Enumerable.Range(0, PipePool.PipesMax).Select(_ => new ScriptedPipe(_metrics))]);
        for (int i = 1; i < PipePool.PipesMax; i++)
        {
            Assert.Equal((true, Terms.MoveBytesMax), (pool.IsUsable, pool.MoveBytesMax));
            pool.Take();
        }
        Assert.Equal((true, Terms.RestBytesMax), (pool.IsUsable, pool.MoveBytesMax));
        StreamPipe last = pool.Take();
        Assert.Equal((false, PipePool.PipesMax), (pool.IsUsable, pool.Rented));
        pool.Return(last);
        Assert.Equal((true, PipePool.PipesMax - 1), (pool.IsUsable, pool.Rented));
    }

    [Fact]
    public void Return_BytesAreLeft_TheyAreDropped()
    {
        ScriptedPipe pipe = new(_metrics);
        PipePool pool = new(Terms, pipe);
        ((ScriptedPipe)pool.Take()).Put(new byte[40_000]);
        pool.Return(pipe);
        Assert.Equal((0, 0, 0L), (pipe.Bytes, pool.Rented, _metrics.Counts.BytesSpliced));
    }

    [Fact]
    public void Pool_NoPipes_IsNotUsable() => Assert.False(new PipePool(Terms).IsUsable);

    [Fact]
    public void Pool_PipeIsRefused_IsNotUsable() =>
        Assert.False(new PipePool(Terms, new ScriptedPipe(_metrics) { IsThere = false }).IsUsable);

    [Fact]
    public void Terms_Rest_FitsIntoTheReceiveBuffer() =>
        Assert.Equal(Engine.Memory.BufferPool.SizeOf(Engine.Memory.BufferClass.Large), Terms.RestBytesMax);
}
