using System.Collections.Immutable;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Engine;

/// <content>The counters: their memory, and how they continue in the next process.</content>
public sealed partial class ProxyEngine
{
    /// <summary>Descriptors that it has from its start to its end, beside those of its loops: the memory of its counters.</summary>
    public const int DescriptorsHeld = 1;

    /// <summary>Earlier processes whose counters it reads, with a descriptor each.</summary>
    public const int EarlierCountersMax = MetricsRegistry.EarlierMax;

    /// <summary>
    /// The descriptors of the memories that the next process reads to continue the counters: they stay this process's. From here on the
    /// next one takes over what earlier processes have counted, until <see cref="WithdrawCounters"/>.
    /// </summary>
    public ImmutableArray<int> OfferCounters() => _registry.Offer();

    /// <summary>The next process has come to nothing.</summary>
    public void WithdrawCounters() => _registry.Withdraw();

    /// <summary>Continues the counters of earlier processes, before the start.</summary>
    /// <param name="descriptors">What they have offered, the latest first. The engine owns them.</param>
    /// <returns>Why some of them cannot be understood.</returns>
    public ImmutableArray<string> AdoptCounters(ImmutableArray<int> descriptors)
    {
        List<string> faults = [];
        List<EarlierMetrics> earlier = [];
        foreach (int descriptor in descriptors)
        {
            if (EarlierMetricsMemory.TryOpen(descriptor, out string? fault) is { } metrics) earlier.Add(metrics);
            else faults.Add(fault!);
        }
        _registry.Adopt([.. earlier]);
        return [.. faults];
    }

    /// <summary>Counts what concerns the process and no loop, such as a reload. Any thread but a loop.</summary>
    public void Count(in LoopCounts more) => _registry.CountProcess(in more);

    private static MetricsRegistry MakeRegistry(int loops)
    {
        MetricsLayout layout = MetricsLayout.Default(loops);
        if (SharedMetricsMemory.TryCreate(layout.Bytes) is { } shared) return new MetricsRegistry(shared, layout);
        return new MetricsRegistry(new PrivateMetricsMemory(layout.Bytes), layout);
    }
}
