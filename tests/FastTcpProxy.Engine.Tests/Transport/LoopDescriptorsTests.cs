using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Saea;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>What a loop has open from its start is what is reckoned with. Alone, as it counts the descriptors of the process.</summary>
[Collection(SocketCollection.Name)]
public sealed class LoopDescriptorsTests
{
    [Fact]
    public async Task Transport_Made_HasOpenWhatIsReckonedWith()
    {
        // The runtime's own, which come with the first socket; and what tests before have left to the finalizers.
        await using (SaeaBed warm = new()) await warm.ConnectAsync();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        HashSet<string> before = Open();
        SaeaTransportFactory factory = new(threads: 1);
        ITransport[] transports = [.. Enumerable.Range(0, 10).Select(_ => factory.Create(NewLoop(), recycledMax: 0))];
        int opened = Open().Except(before).Count();
        foreach (ITransport transport in transports) transport.Close();

        Assert.Equal(transports.Length * SocketRuntime.DescriptorsPerLoop, opened);
    }

    private static EventLoop NewLoop() => new(0, TimeProvider.System, new SlabBufferPool(new BufferBudget(64 << 20)),
        MetricsRegistry.Small().Loops[0], new PoolDriver(new BackgroundWork()));

    private static HashSet<string> Open() => [.. Directory.GetFileSystemEntries("/proc/self/fd")];
}
