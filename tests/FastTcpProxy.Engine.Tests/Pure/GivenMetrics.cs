using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Counters of other processes, without processes. Stateless.</summary>
internal static class GivenMetrics
{
    /// <summary>In a memory that takes an index, as if another process could read it.</summary>
    public static MetricsRegistry Offerable(int loops = 1) => new(new GivenMemory(Layout(loops)), Layout(loops));

    /// <summary>A process that has accepted clients for a service, and connected once for each to its upstream "u".</summary>
    public static EarlierMetrics Earlier(string service, int accepted, bool isAlive = true, int loops = 1)
    {
        MetricsLayout layout = Layout(loops);
        GivenMemory memory = new(layout) { IsWritten = isAlive };
        MetricsRegistry registry = new(memory, layout);
        MetricsNumber number = registry.Take(service), upstream = registry.Take(service, "u");
        registry.Loops[^1].Service(number.Value).Accepted = accepted;
        registry.Loops[^1].Upstream(upstream.Value).SessionsTotal = accepted;
        registry.Loops[^1].Counts.Faults = 1;
        registry.Loops[^1].Counts.Buffers = 1;
        registry.CountCheck(upstream.Value, new CheckCounts { Good = accepted });
        registry.CountProcess(new LoopCounts { ReloadsSucceeded = 1 });
        return memory.Read(registry);
    }

    private static MetricsLayout Layout(int loops) => new(loops + 1, 4, 80);
}

/// <summary>Memory whose process lives as long as the test says. It owns its bytes.</summary>
internal sealed unsafe class GivenMemory : MetricsMemory
{
    private byte[] _index = [];

    public GivenMemory(MetricsLayout layout)
    {
        Bytes = layout.Bytes;
        Start = (byte*)NativeMemory.AllocZeroed((nuint)Bytes);
    }

    ~GivenMemory() => NativeMemory.Free(Start);

    public bool IsWritten { get; set; } = true;

    public bool IsClosed { get; private set; }

    public override int Descriptor => 0;

    public override bool HasWriter => IsWritten;

    /// <summary>As the next process does after an offer.</summary>
    public EarlierMetrics Read(MetricsRegistry registry)
    {
        Assert.NotEmpty(registry.Offer());
        return new EarlierMetrics(this, MetricsIndex.Parse(_index, Bytes));
    }

    public override bool TryWriteIndex(ReadOnlySpan<byte> index)
    {
        _index = index.ToArray();
        return true;
    }

    public override void Close() => IsClosed = true;
}
