using System.Net;
using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// Whether a client is one of the trusted: the question for an address of the last network, and for one of none. One thread; the set is
/// immutable.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class NetworkSetBenchmarks
{
    private static readonly UInt128 Documentation = new(0x20010DB8_00000000, 0);
    private NetworkSet _networks = new([]);
    private InetEndPoint _member;
    private InetEndPoint _stranger;

    [Params(1, 100, 10_000)]
    public int Prefixes { get; set; }

    [Params(EndPointFamily.InterNetwork, EndPointFamily.InterNetworkV6)]
    public EndPointFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _networks = new NetworkSet(Enumerable.Range(0, Prefixes)
            .Select(i => new IPNetwork(EndPoint(i, host: 0).ToIPEndPoint().Address, Family == EndPointFamily.InterNetwork ? 24 : 64)));
        _member = EndPoint(Prefixes - 1, host: 7);
        _stranger = EndPoint(Prefixes, host: 7);
    }

    [Benchmark]
    public bool ContainsMember() => _networks.Contains(_member);

    [Benchmark]
    public bool ContainsStranger() => _networks.Contains(_stranger);

    /// <summary>An address of the network of this number: 10.x.y.0/24, and 2001:db8:0:n::/64.</summary>
    private InetEndPoint EndPoint(int network, uint host) => Family == EndPointFamily.InterNetwork
        ? InetEndPoint.FromIPv4(0x0A00_0000 + ((uint)network << 8) + host, 443)
        : InetEndPoint.FromIPv6(Documentation + ((UInt128)(uint)network << 64) + host, 443);
}
