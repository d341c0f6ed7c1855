using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// Which entry decides on an address, for addresses from anywhere and for addresses in the networks. Some entries are not flattened yet.
/// One thread. The option <c>--networks</c> asks a larger table.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class NetworkTableBenchmarks
{
    private const int Entries = 10_000, Recent = 1_000, Addresses = 1 << 14;
    private NetworkTable _table = new();
    private InetEndPoint[] _anywhere = [];
    private InetEndPoint[] _inNetworks = [];
    private int _next;

    [Params(EndPointFamily.InterNetwork, EndPointFamily.InterNetworkV6)]
    public EndPointFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        RandomNetworks networks = new(Family, seed: 1);
        NetworkEntry[] entries = networks.Entries(Entries);
        _table = new NetworkTable();
        _table.Replace(null, entries, 0);
        foreach (NetworkEntry entry in networks.Entries(Recent)) _table.Set(entry with { Number = 2 }, 0);
        _anywhere = new InetEndPoint[Addresses];
        _inNetworks = new InetEndPoint[Addresses];
        for (int i = 0; i < Addresses; i++)
        {
            _anywhere[i] = networks.Address();
            _inNetworks[i] = networks.AddressIn(entries[networks.Below(entries.Length)].Network);
        }
    }

    [Benchmark]
    public bool Anywhere() => _table.TryFind(_anywhere[_next++ & (Addresses - 1)], NetworkEntry.AllServices, 0, out _);

    [Benchmark]
    public bool InNetworks() => _table.TryFind(_inNetworks[_next++ & (Addresses - 1)], NetworkEntry.AllServices, 0, out _);
}
