using System.Collections.Immutable;
using System.Net;
using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// The walk down the whole list of upstreams, of two addresses each: what a session pays for whom none accepts. One thread; the list is
/// immutable.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class FailoverBenchmarks
{
    private ImmutableArray<UpstreamDefinition> _upstreams = [];

    [Params(1, 3, 16)]
    public int Upstreams { get; set; }

    [GlobalSetup]
    public void Setup() => _upstreams =
    [
        .. Enumerable.Range(0, Upstreams)
            .Select(i => new UpstreamDefinition($"u{i}", HeaderMode.ProxyV2, [Address(i, 25), Address(i, 2525)])),
    ];

    [Benchmark]
    public int First()
    {
        FailoverCursor cursor = default;
        return cursor.MoveNext(_upstreams, out _) ? cursor.Place.Address : -1;
    }

    [Benchmark]
    public int WholeList()
    {
        FailoverCursor cursor = default;
        int tried = 0;
        while (cursor.MoveNext(_upstreams, out UpstreamAddress? address))
        {
            if (address is not null) tried++;
        }
        return tried;
    }

    private static UpstreamAddress Address(int upstream, int port) =>
        new(new IPEndPoint(new IPAddress([192, 0, 2, (byte)(upstream + 1)]), port));
}
