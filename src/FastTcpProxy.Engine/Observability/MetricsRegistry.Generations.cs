using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Observability;

/// <content>
/// Counts go from process to process. A process adds what the earlier ones have counted to its own, from their memory, as long as they
/// drain. When one has ended it takes these counts over, once. From its offer on it takes over nothing more and gives no number to another
/// name: the next process has the same memories then, and does so itself.
/// </content>
internal sealed unsafe partial class MetricsRegistry
{
    /// <summary>
    /// Earlier processes whose counts are read. Of more, those of the oldest are taken over as they are, though it may still count.
    /// </summary>
    public const int EarlierMax = 8;

    private readonly List<EarlierMetrics> _earlier = [];
    private bool _isOffered;
    private bool _isSettled;

    /// <summary>
    /// What the next process needs: the descriptors of this process's memory and of the earlier ones'. They stay this process's. Empty:
    /// counters end with it.
    /// </summary>
    public ImmutableArray<int> Offer()
    {
        lock (_lock)
        {
            FreeUnused();
            FoldEnded();
            if (_memory.Descriptor < 0 || !_memory.TryWriteIndex(MetricsIndex.Write(_layout, _services.Names, _upstreams.Names))) return [];
            _isOffered = true;
            return [_memory.Descriptor, .. _earlier.Select(e => e.Descriptor)];
        }
    }

    /// <summary>The next process has come to nothing.</summary>
    public void Withdraw()
    {
        lock (_lock) _isOffered = false;
    }

    /// <summary>Counts what earlier processes have counted as well, the latest first.</summary>
    public void Adopt(ImmutableArray<EarlierMetrics> earlier)
    {
        lock (_lock) _earlier.AddRange(earlier);
    }

    /// <summary>The services are known: what an earlier process has counted for one of them has a place.</summary>
    public void Settle() => Volatile.Write(ref _isSettled, true);

    /// <summary>Adds those of the earlier processes; returns how many of these live.</summary>
    private int AddEarlier(MetricsSum sum)
    {
        int alive = 0;
        foreach (EarlierMetrics earlier in _earlier)
        {
            bool isAlive = earlier.IsAlive;
            if (isAlive) alive++;
            earlier.AddTo(sum, isAlive);
        }
        return alive;
    }

    private void FoldEnded()
    {
        if (_isOffered || !Volatile.Read(ref _isSettled)) return;
        for (int i = _earlier.Count - 1; i >= 0; i--)
        {
            EarlierMetrics earlier = _earlier[i];
            if (earlier.IsAlive && _earlier.Count <= EarlierMax) continue;
            MetricsSum counted = new();
            earlier.AddTo(counted, isAlive: false);
            Fold(counted.ToSnapshot(0));
            _earlier.RemoveAt(i);
            earlier.Close();
        }
    }

    /// <summary>A name that this process does not have is counted in sums only.</summary>
    private void Fold(MetricsSnapshot counted)
    {
        LoopCounts loops = counted.Process;
        Block.Add(ref LoopBlock(AsideColumn), in loops);
        foreach (ServiceMetrics service in counted.Services.Append(counted.Departed))
        {
            int number = _services.Find(new MetricsName(service.Name)) ?? Nameless;
            Block.Add(ref Service(AsideColumn, number), in service.Counts);
            foreach (UpstreamMetrics upstream in service.Upstreams)
            {
                number = _upstreams.Find(new MetricsName(service.Name, upstream.Name)) ?? Nameless;
                Block.Add(ref Upstream(AsideColumn, number), in upstream.Counts);
                Block.Add(ref Checks(number), in upstream.Checks);
            }
        }
        GC.KeepAlive(_memory);
    }
}
