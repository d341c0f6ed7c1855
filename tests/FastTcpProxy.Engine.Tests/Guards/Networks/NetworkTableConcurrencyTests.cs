using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Networks;

/// <summary>Look-ups while the table changes.</summary>
public sealed class NetworkTableConcurrencyTests
{
    /// <summary>So that what is recent is flattened three times.</summary>
    private const int Entries = 3 * NetworkTable.RecentMax + 100;

    private readonly NetworkTable _table = new();

    // How many entries there are: those of the lower numbers.
    private int _added;

    /// <summary>
    /// An entry that is added is found from then on, while it moves from the recent ones to the flattened ones, while its expiry changes,
    /// and while others come and go around it. A removed entry is not found again.
    /// </summary>
    [Fact]
    public async Task TryFind_WhileTheTableChanges_NeverMissesAnEntry()
    {
        using CancellationTokenSource done = new();
        Task<long>[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => Read(done.Token)))];
        try
        {
            for (int i = 0; i < Entries; i++) Change(i);
        }
        finally
        {
            await done.CancelAsync();
        }
        Assert.All(await Task.WhenAll(readers), reads => Assert.InRange(reads, 1, long.MaxValue));
        Assert.Equal(Entries, _table.Count);
    }

    private void Change(int index)
    {
        NetworkEntry lasting = Entry(index, 32, 1), around = Entry(index / 2, 24, 2), allowed = Entry(index / 3, 32, 3);
        Assert.Equal(NetworkChange.Done, _table.Set(lasting, 0));
        Volatile.Write(ref _added, index + 1);
        Assert.Equal(NetworkChange.Done, _table.Set(around, 0));
        Assert.Equal(NetworkChange.Done, _table.Set(allowed, 0));
        Assert.Equal(NetworkChange.Done, _table.Set(Entry(index / 2, 32, 1) with { Expires = 1_000 + (uint)index }, 0));
        Assert.True(_table.Remove(allowed, 0));
        Assert.True(_table.TryFind(Address(index / 3), 0, out NetworkEntry found) && found.Action == NetworkAction.Deny);
        Assert.True(_table.Remove(around, 0));
        if (index % 1_000 == 0) _table.Merge(0);
    }

    private long Read(CancellationToken stop)
    {
        long reads = 0;
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            int added = Volatile.Read(ref _added);
            if (i >= added) i = 0;
            if (added == 0) continue;
            Assert.True(_table.TryFind(Address(i), 0, out NetworkEntry entry), $"{Address(i)} is missing");
            Assert.Equal(32, entry.Network.PrefixLength);
            reads++;
        }
        return reads;
    }

    private static InetEndPoint Address(int index) => InetEndPoint.FromIPv4(0x0A00_0000 + (uint)index * 256, 0);

    private static NetworkEntry Entry(int index, int length, uint number) =>
        new(Network.Of(Address(index), length, out _)!.Value, number == 3 ? NetworkAction.Allow : NetworkAction.Deny, number);
}
