using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// What limits by source cost a connection: a step at its accept, one at its end, and one for each read, in a table of 200,000 that is
/// full; alone, and while another thread does nothing else.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class SourceTableBenchmarks
{
    private const int Known = 1 << 16;

    private static readonly SourceLimits Limits =
        new(100, TokenRate.Of(1_000_000, 1_000), new BanTerms(20, 60_000, 60_000, 86_400_000), ByteRate.Of(1L << 30, 1 << 20));

    private static readonly SourceLimits OneSession = Limits with { SessionsMax = 1, Ban = BanTerms.None };

    private readonly HeavySources _heavy = new(loops: 1);
    private readonly SourceKey _full = OfKnown(Known + 1), _banned = OfKnown(Known + 2);
    private SourceTable _table = new();
    private SourceHandle _open;
    private Thread? _other;
    private volatile bool _isOver;
    private uint _next;
    private long _nowUs = 1_000_000;

    /// <summary>What the other thread does meanwhile.</summary>
    public enum OtherThread
    {
        None,
        OtherSources,
        SameSources,
    }

    [ParamsAllValues]
    public OtherThread Other { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = new SourceTable();
        for (int i = 0; i < 2 * SourceTable.CapacityDefault; i++) Step(_table, OfFlood((uint)i), _nowUs);
        for (uint i = 0; i < Known; i++) Step(_table, OfKnown(i), _nowUs);
        _open = _table.Adopt(_full, _nowUs);
        _table.Ban(_banned, long.MaxValue >> 24, Limits.Ban, _nowUs);
        if (Other == OtherThread.None) return;
        _isOver = false;
        _other = new Thread(() =>
        {
            for (uint i = 0; !_isOver; i++)
                Step(_table, Other == OtherThread.SameSources ? OfKnown(0) : OfKnown(i * 2_654_435_761 % Known), _nowUs);
        });
        _other.Start();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _isOver = true;
        _other?.Join();
    }

    /// <summary>Accept and end of a source that is always the same.</summary>
    [Benchmark(Baseline = true)]
    public bool AdmitReleaseOne() => Step(_table, OfKnown(0), _nowUs += 10);

    /// <summary>Of one of 65,536 sources, in no order: each finds its lines of memory cold.</summary>
    [Benchmark]
    public bool AdmitReleaseKnown() => Step(_table, OfKnown(_next++ * 2_654_435_761 % Known), _nowUs += 10);

    /// <summary>Of a source that was never seen, which takes the place of another.</summary>
    [Benchmark]
    public bool AdmitReleaseNew() => Step(_table, OfFlood(_next++), _nowUs += 10);

    [Benchmark]
    public SourceVerdict RefuseFull() => _table.Admit(_full, OneSession, _nowUs += 10).Verdict;

    [Benchmark]
    public SourceVerdict RefuseBanned() => _table.Admit(_banned, Limits, _nowUs += 10).Verdict;

    /// <summary>A session reads 1,000 bytes.</summary>
    [Benchmark]
    public long TakeBytes() => _table.TakeBytes(_open, isFromClient: true, 1_000, Limits, _nowUs += 10);

    /// <summary>A step of the sketch of the heaviest sources: half of the stream are sources that never come again.</summary>
    [Benchmark]
    public void CountHeavy()
    {
        uint next = _next++;
        _heavy.Add(0, OfKnown(next % 2 == 0 ? next % 64 : next), isAccepted: true, _nowUs);
    }

    private static bool Step(SourceTable table, in SourceKey key, long nowUs) =>
        table.Release(table.Admit(key, Limits, nowUs).Handle, nowUs, wasServed: key.IsIPv4);

    private static SourceKey OfKnown(uint i) => SourceKey.Of(InetEndPoint.FromIPv4(i, 0));

    private static SourceKey OfFlood(uint i) => SourceKey.Of(InetEndPoint.FromIPv6(new UInt128(0x2001_0DB8_0000_0000 + (ulong)i, 1), 0));
}
