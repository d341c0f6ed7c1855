using System.Diagnostics;
using System.Globalization;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Networks;

/// <summary>
/// A large table against a naive one, which looks for each length of a prefix in a dictionary. FASTTCPPROXY_NETWORKS=1000000 and
/// FASTTCPPROXY_LOOKUPS=10000000 make it longer.
/// </summary>
public sealed class NetworkTableSizeTests
{
    private static readonly int Entries = Setting("FASTTCPPROXY_NETWORKS", 200_000), Lookups = Setting("FASTTCPPROXY_LOOKUPS", 200_000);

    private readonly Dictionary<(byte Length, UInt128 Address), NetworkEntry> _naive = [];
    private readonly NetworkTable _table = new();

    [Theory]
    [InlineData(EndPointFamily.InterNetwork, 64)]
    [InlineData(EndPointFamily.InterNetworkV6, 96)]
    public void Table_Large_SaysWhatTheNaiveOneSaysWithinItsMemory(EndPointFamily family, int bytesMax)
    {
        Random random = new(1);
        Fill(family, random);
        Assert.InRange(_table.Bytes, 1, (long)bytesMax * Entries);
        Assert.Equal(Entries, _table.Count);
        Assert.InRange(_table.RecentCount, 1, NetworkTable.RecentMax);

        byte[] lengths = [.. _naive.Keys.Select(k => k.Length).Distinct().OrderDescending()];
        NetworkEntry[] entries = [.. _naive.Values];
        int found = 0;
        for (int i = 0; i < Lookups; i++)
        {
            // From anywhere, or near an entry.
            UInt128 near = Bits(entries[random.Next(entries.Length)].Network) ^ (uint)random.Next(256);
            UInt128 address = i % 2 == 0 ? Address(family, random) : near;
            InetEndPoint end = End(family, address);
            uint now = (uint)random.Next(1_000);
            bool isFound = _table.TryFind(end, now, out NetworkEntry entry);
            Assert.Equal(Naive(family, lengths, address, now), isFound ? entry : null);
            if (isFound) found++;
        }
        Assert.InRange(found, Lookups / 20, Lookups);
    }

    [Fact]
    public void Remove_TenThousandUnderLoad_TakeLessThanASecond()
    {
        Random random = new(2);
        Fill(EndPointFamily.InterNetwork, random);
        NetworkEntry[] entries = [.. _naive.Values.Take(10_000)];
        using CancellationTokenSource stop = new();
        Thread reader = new(() =>
        {
            for (uint i = 0; !stop.IsCancellationRequested; i += 7_919) _table.TryFind(InetEndPoint.FromIPv4(i, 0), 0, out _);
        });
        reader.Start();
        long start = Stopwatch.GetTimestamp();
        foreach (NetworkEntry entry in entries) Assert.True(_table.Remove(entry, 0));
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        stop.Cancel();
        reader.Join();
        Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(Entries - entries.Length, _table.Count);
    }

    // Most at once and some one by one, so that some are flattened and some recent.
    private void Fill(EndPointFamily family, Random random)
    {
        while (_naive.Count < Entries)
        {
            UInt128 address = Address(family, random);
            // Many within others.
            if (random.Next(3) == 0) address &= UInt128.MaxValue << (family == EndPointFamily.InterNetwork ? 20 : 100);
            int width = family == EndPointFamily.InterNetwork ? 32 : 128;
            int length = random.Next(4) == 0 ? width - random.Next(24) : random.Next(2) == 0 ? width : width / 2 + random.Next(width / 4);
            Network network = Network.Of(End(family, address), length, out _)!.Value;
            uint expires = random.Next(2) == 0 ? NetworkEntry.Never : 1 + (uint)random.Next(1_000);
            NetworkAction action = random.Next(50) == 0 ? NetworkAction.Allow : NetworkAction.Deny;
            _naive.TryAdd(((byte)length, Bits(network)), new NetworkEntry(network, action, (uint)_naive.Count, expires));
        }
        NetworkEntry[] entries = [.. _naive.Values];
        const int OneByOne = NetworkTable.RecentMax / 2;
        Assert.Equal(NetworkChange.Done, _table.Replace(null, entries.AsSpan(OneByOne), 0));
        foreach (NetworkEntry entry in entries.AsSpan(0, OneByOne)) Assert.Equal(NetworkChange.Done, _table.Set(entry, 0));
    }

    private NetworkEntry? Naive(EndPointFamily family, byte[] lengths, UInt128 address, uint now)
    {
        int width = family == EndPointFamily.InterNetwork ? 32 : 128;
        NetworkEntry? denies = null;
        foreach (byte length in lengths)
        {
            UInt128 hosts = length == 0 ? UInt128.MaxValue : (UInt128.One << (width - length)) - 1;
            if (!_naive.TryGetValue((length, address & ~hosts), out NetworkEntry entry) || entry.Expires <= now) continue;
            if (entry.Action == NetworkAction.Allow) return entry;
            denies ??= entry;
        }
        return denies;
    }

    private static UInt128 Address(EndPointFamily family, Random random) => family == EndPointFamily.InterNetwork
        ? (uint)random.NextInt64(1L << 32)
        : new UInt128(0x2001_0000_0000_0000 | (ulong)random.NextInt64(1L << 40), (ulong)random.NextInt64(long.MinValue, long.MaxValue));

    private static UInt128 Bits(Network network) => network.Address.Address;

    private static InetEndPoint End(EndPointFamily family, UInt128 address) =>
        family == EndPointFamily.InterNetwork ? InetEndPoint.FromIPv4((uint)address, 1) : InetEndPoint.FromIPv6(address, 1);

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
