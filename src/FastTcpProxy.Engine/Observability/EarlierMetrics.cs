using System.Collections.Immutable;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// The counts of an earlier process, read from its memory, whether it drains or has ended. Owned by a <see cref="MetricsRegistry"/>, under
/// its lock.
/// </summary>
internal sealed unsafe class EarlierMetrics
{
    private static readonly int RelayFault = EndReasons.NumberOf(new EndReason(EndParty.Proxy, EndPhase.Relay, EndCause.Fault));
    private static readonly int ConnectFault = EndReasons.NumberOf(new EndReason(EndParty.Proxy, EndPhase.Connect, EndCause.Fault));

    private readonly MetricsMemory _memory;
    private readonly MetricsIndex _index;
    private readonly ImmutableArray<ImmutableArray<int>> _maps;

    /// <param name="memory">The other process's, which this owns.</param>
    /// <param name="index">What it says of itself.</param>
    public EarlierMetrics(MetricsMemory memory, MetricsIndex index)
    {
        _memory = memory;
        _index = index;
        ImmutableArray<ImmutableArray<string>> own = [LoopCounts.Names, ServiceCounts.Names, UpstreamCounts.Names, CheckCounts.Names];
        _maps = [.. own.Select((names, kind) => index.Blocks[kind].MapTo(names))];
    }

    /// <summary>The descriptor of its memory, for the next process.</summary>
    public int Descriptor => _memory.Descriptor;

    /// <summary>Whether the process lives, so that its counts can still change.</summary>
    public bool IsAlive => _memory.HasWriter;

    public void Close() => _memory.Close();

    /// <summary>Adds what it has counted.</summary>
    /// <param name="isAlive">Else its sessions are no more, though it did not come to count their ends.</param>
    public void AddTo(MetricsSum sum, bool isAlive)
    {
        LoopCounts loops = default;
        Add(0, 0, ref loops);
        // What a process has now is no part of what another has.
        Block.AsLongs(ref loops)[^LoopCounts.Gauges..].Clear();
        Block.Add(ref sum.Process, in loops);
        AddService(ref sum.Departed, 0, isAlive);
        AddUpstream(sum.DepartedUpstreams, 0, isAlive);
        foreach ((int number, MetricsName name) in _index.Services) AddService(ref sum.Service(name.Service), number, isAlive);
        foreach ((int number, MetricsName name) in _index.Upstreams)
            AddUpstream(sum.Upstream(name.Service, name.Upstream!), number, isAlive);
    }

    private void AddService(ref ServiceCounts sum, int number, bool isAlive)
    {
        ServiceCounts counts = default;
        Add(1, number, ref counts);
        if (!isAlive)
        {
            long relayed = counts.Proxied - counts.Ended.SumOf(r => r.Phase == EndPhase.Relay), others = counts.Active - relayed;
            counts.Ended[RelayFault] += Math.Max(relayed, 0);
            counts.Ended[ConnectFault] += Math.Max(others, 0);
        }
        Block.Add(ref sum, in counts);
    }

    private void AddUpstream(UpstreamMetrics sum, int number, bool isAlive)
    {
        UpstreamCounts counts = default;
        Add(2, number, ref counts);
        if (!isAlive)
        {
            counts.Pending = counts.Sessions = 0;
            counts.Answered = counts.FirstByte.Count;
        }
        Block.Add(ref sum.MutableCounts, in counts);
        Add(3, number, ref sum.MutableChecks);
    }

    private void Add<T>(int kind, int number, ref T sum)
        where T : unmanaged
    {
        BlockPlace place = _index.Blocks[kind];
        ReadOnlySpan<int> map = _maps[kind].AsSpan();
        Span<long> longs = Block.AsLongs(ref sum);
        for (int column = 0; column < place.Columns; column++)
        {
            long* block = (long*)(_memory.Start + place.Offset + column * place.ColumnBytes + number * place.Stride);
            for (int i = 0; i < map.Length; i++)
            {
                if (map[i] >= 0) longs[map[i]] += Volatile.Read(ref block[i]);
            }
        }
    }
}
