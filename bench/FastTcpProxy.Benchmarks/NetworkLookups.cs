using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// What a look-up in a large table takes on a processor: for addresses from anywhere, for addresses in the networks, and for these where
/// each look-up waits for the one before it, so that the processor cannot overlap their waits for memory. One thread.
/// </summary>
internal sealed class NetworkLookups
{
    private const int Addresses = 1 << 20;

    private readonly NetworkTable _table;
    private readonly InetEndPoint[] _anywhere = new InetEndPoint[Addresses];
    private readonly InetEndPoint[] _inNetworks = new InetEndPoint[Addresses];

    public NetworkLookups(NetworkTable table, RandomNetworks networks)
    {
        _table = table;
        NetworkEntry[] entries = [.. table.Entries(0)];
        for (int i = 0; i < Addresses; i++)
        {
            _anywhere[i] = networks.Address();
            _inNetworks[i] = networks.AddressIn(entries[networks.Below(entries.Length)].Network);
        }
    }

    public List<double> Anywhere { get; } = [];

    public List<double> InNetworks { get; } = [];

    public List<double> OneByOne { get; } = [];

    public int Found { get; private set; }

    /// <summary>One round of each, in nanoseconds a look-up.</summary>
    public void Round()
    {
        Anywhere.Add(Time(_anywhere, waits: 0));
        InNetworks.Add(Time(_inNetworks, waits: 0));
        OneByOne.Add(Time(_inNetworks, waits: 1));
    }

    private double Time(InetEndPoint[] addresses, int waits)
    {
        long before = ProcessorTime.Ns(ProcessorTime.ThisThread);
        int found = 0, last = 0;
        for (int i = 0; i < addresses.Length; i++)
        {
            // The last answer, as far as it matters, is a part of which address is next.
            last = _table.TryFind(addresses[i ^ (last & waits)], NetworkEntry.AllServices, 0, out NetworkEntry entry)
                ? (int)entry.Expires : 0;
            if (last != 0) found++;
        }
        Found = found;
        return (double)(ProcessorTime.Ns(ProcessorTime.ThisThread) - before) / addresses.Length;
    }
}
