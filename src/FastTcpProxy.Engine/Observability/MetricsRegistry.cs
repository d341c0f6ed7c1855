using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// All that a process counts: the memory of the blocks, who has which number in it, and the sums. Any thread but a loop, which has its own
/// <see cref="LoopMetrics"/>; one at a time.
/// </summary>
internal sealed unsafe partial class MetricsRegistry
{
    /// <summary>
    /// The number of what has none: a service or an upstream that is gone, and one for which none was left. It is counted in sums only.
    /// </summary>
    public const int Nameless = 0;

    /// <summary>How often at most the collector is asked for numbers when it has found none the last time.</summary>
    private static readonly TimeSpan CollectInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly MetricsMemory _memory;
    private readonly MetricsLayout _layout;
    private readonly NumberTable _services;
    private readonly NumberTable _upstreams;

    // Finalizers put down here what nothing refers to any more.
    private readonly ConcurrentQueue<(bool IsUpstream, int Number)> _unused = new();
    private readonly TimeProvider _time = TimeProvider.System;
    private long _numbersMissing, _collectedAt;
    private bool _hasGiven = true;

    public MetricsRegistry(MetricsMemory memory, MetricsLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memory.Bytes, layout.Bytes);
        _memory = memory;
        _layout = layout;
        _services = new NumberTable(layout.ServicesMax);
        _upstreams = new NumberTable(layout.UpstreamsMax);
        LoopMetrics[] loops = new LoopMetrics[layout.Columns - 1];
        for (int i = 0; i < loops.Length; i++) loops[i] = new LoopMetrics(memory, layout, i);
        Loops = [.. loops];
    }

    /// <summary>In memory of this process alone, and with few numbers: for tests.</summary>
    public static MetricsRegistry Small(int loops = 1, int servicesMax = 4, int upstreamsMax = 80)
    {
        MetricsLayout layout = new(loops + 1, servicesMax, upstreamsMax);
        return new MetricsRegistry(new PrivateMetricsMemory(layout.Bytes), layout);
    }

    public ImmutableArray<LoopMetrics> Loops { get; }

    /// <summary>How often a name found no number.</summary>
    public long NumbersMissing => Volatile.Read(ref _numbersMissing);

    private int AsideColumn => _layout.Columns - 1;

    /// <summary>The engine ends: what was counted can still be read here, and by those who have its memory already.</summary>
    public void Close() => _memory.Close();

    /// <summary>The number of a service, for as long as the result is referred to.</summary>
    public MetricsNumber Take(string service) => Take(isUpstream: false, new MetricsName(service));

    /// <summary>The number of an upstream of a service, for as long as the result is referred to.</summary>
    public MetricsNumber Take(string service, string upstream) => Take(isUpstream: true, new MetricsName(service, upstream));

    /// <summary>The sums of an upstream over the loops of this process.</summary>
    public UpstreamCounts ReadUpstream(int number)
    {
        UpstreamCounts sum = default;
        for (int column = 0; column < _layout.Columns; column++) Block.Add(ref sum, ref Upstream(column, number));
        GC.KeepAlive(_memory);
        return sum;
    }

    /// <summary>Counts what a check has found.</summary>
    public void CountCheck(int number, in CheckCounts check)
    {
        lock (_lock) Block.Add(ref Checks(number), in check);
    }

    /// <summary>Counts what concerns the process and no loop.</summary>
    public void CountProcess(in LoopCounts more)
    {
        lock (_lock) Block.Add(ref LoopBlock(AsideColumn), in more);
    }

    /// <summary>The sum of this process's loops. What was taken over from earlier processes is not in it.</summary>
    public LoopCounts ReadLoops()
    {
        LoopCounts sum = default;
        for (int column = 0; column < AsideColumn; column++) Block.Add(ref sum, ref LoopBlock(column));
        GC.KeepAlive(_memory);
        return sum;
    }

    public MetricsSnapshot Read() => Read(new MetricsSum());

    /// <summary>Reads into a sum that the caller keeps, so that the next reading needs no memory of its own.</summary>
    public MetricsSnapshot Read(MetricsSum sum)
    {
        lock (_lock)
        {
            FreeUnused();
            FoldEnded();
            sum.Clear(AsideColumn);
            for (int loop = 0; loop < AsideColumn; loop++) Block.Add(ref sum.Loops[loop], ref LoopBlock(loop));
            sum.Process = ReadLoops();
            Block.Add(ref sum.Process, ref LoopBlock(AsideColumn));
            AddService(ref sum.Departed, Nameless);
            AddUpstream(sum.DepartedUpstreams, Nameless);
            for (int number = 1; number < _services.End; number++)
            {
                if (_services[number] is { } name) AddService(ref sum.Service(name.Service), number);
            }
            for (int number = 1; number < _upstreams.End; number++)
            {
                if (_upstreams[number] is { } name) AddUpstream(sum.Upstream(name.Service, name.Upstream!), number);
            }
            int generations = AddEarlier(sum);
            GC.KeepAlive(_memory);
            return sum.ToSnapshot(generations);
        }
    }

    /// <summary>Nothing refers to one of the objects that held the number. The finalizer's thread.</summary>
    internal void OnUnused(bool isUpstream, int number) => _unused.Enqueue((isUpstream, number));

    private MetricsNumber Take(bool isUpstream, MetricsName name)
    {
        int? number = TryTake(isUpstream, name);
        if (number is null && ShouldCollect())
        {
            // Finalizers say what is gone, and in a quiet process they are late. Reloads come to a full table at most.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            number = TryTake(isUpstream, name);
        }
        if (number is null) Interlocked.Increment(ref _numbersMissing);
        return new MetricsNumber(this, isUpstream, number ?? Nameless);
    }

    private int? TryTake(bool isUpstream, MetricsName name)
    {
        lock (_lock)
        {
            FreeUnused();
            int? number = (isUpstream ? _upstreams : _services).Take(name);
            _hasGiven |= number is not null;
            return number;
        }
    }

    /// <summary>Not for each name of a configuration that does not fit: a collection stops the loops for a moment.</summary>
    private bool ShouldCollect()
    {
        lock (_lock)
        {
            if (!_hasGiven && _time.GetElapsedTime(_collectedAt) < CollectInterval) return false;
            _hasGiven = false;
            _collectedAt = _time.GetTimestamp();
            return true;
        }
    }

    /// <summary>
    /// The counts of what is gone go to the sums. Nothing can write them: the loops' references were gone before the finalizer ran.
    /// </summary>
    private void FreeUnused()
    {
        while (!_isOffered && _unused.TryDequeue(out (bool IsUpstream, int Number) unused))
        {
            NumberTable table = unused.IsUpstream ? _upstreams : _services;
            if (!table.Leave(unused.Number)) continue;
            if (unused.IsUpstream) FoldUpstream(unused.Number);
            else FoldService(unused.Number);
            table.Free(unused.Number);
        }
    }

    private void FoldService(int number)
    {
        for (int column = 0; column < _layout.Columns; column++)
        {
            Block.Add(ref Service(AsideColumn, Nameless), ref Service(column, number));
            Service(column, number) = default;
        }
    }

    private void FoldUpstream(int number)
    {
        for (int column = 0; column < _layout.Columns; column++)
        {
            Block.Add(ref Upstream(AsideColumn, Nameless), ref Upstream(column, number));
            Upstream(column, number) = default;
        }
        Block.Add(ref Checks(Nameless), ref Checks(number));
        Checks(number) = default;
    }

    private void AddService(ref ServiceCounts sum, int number)
    {
        for (int column = 0; column < _layout.Columns; column++) Block.Add(ref sum, ref Service(column, number));
    }

    private void AddUpstream(UpstreamMetrics sum, int number)
    {
        for (int column = 0; column < _layout.Columns; column++) Block.Add(ref sum.MutableCounts, ref Upstream(column, number));
        Block.Add(ref sum.MutableChecks, ref Checks(number));
    }

    private byte* Column(int column) => _memory.Start + column * _layout.ColumnBytes;

    private ref LoopCounts LoopBlock(int column) => ref *(LoopCounts*)(Column(column) + _layout.LoopOffset);

    private ref ServiceCounts Service(int column, int number) => ref ((ServiceCounts*)(Column(column) + _layout.ServicesOffset))[number];

    private ref UpstreamCounts Upstream(int column, int number) =>
        ref ((UpstreamCounts*)(Column(column) + _layout.UpstreamsOffset))[number];

    private ref CheckCounts Checks(int number) => ref ((CheckCounts*)(_memory.Start + _layout.ChecksOffset))[number];
}
