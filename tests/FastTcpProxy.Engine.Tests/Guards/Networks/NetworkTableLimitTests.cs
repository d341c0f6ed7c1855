using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Networks;

/// <summary>What a table does at each of its limits.</summary>
public sealed class NetworkTableLimitTests
{
    private readonly NetworkTable _table = new();

    [Fact]
    public void Recent_AtItsLimit_IsFlattenedAtOnce()
    {
        for (int i = 0; i < NetworkTable.RecentMax - 1; i++) Set(i);
        Assert.Equal(NetworkTable.RecentMax - 1, _table.RecentCount);
        Set(NetworkTable.RecentMax - 1);
        Assert.Equal((0, NetworkTable.RecentMax), (_table.RecentCount, _table.Count));
        Set(NetworkTable.RecentMax);
        Assert.Equal((1, NetworkTable.RecentMax + 1), (_table.RecentCount, _table.Count));
        for (int i = 0; i <= NetworkTable.RecentMax; i++) Assert.True(Has(i));
        Assert.False(Has(NetworkTable.RecentMax + 1));
    }

    [Fact]
    public void Set_OneNetworkAtItsLimit_IsRefusedUntilOneExpires()
    {
        for (uint number = 0; number < NetworkTable.SameNetworkMax; number++)
        {
            Assert.Equal(NetworkChange.Done, _table.Set(Texts.Deny("10.0.0.0/8", number, expires: number == 5 ? 100u : 200u), 0));
            if (number == 9) _table.Merge(0);
        }
        Assert.Equal(NetworkChange.NetworkFull, _table.Set(Texts.Deny("10.0.0.0/8", 99), 99));
        Assert.Equal(NetworkTable.SameNetworkMax, _table.Count);
        Assert.Equal(NetworkChange.Done, _table.Set(Texts.Deny("10.0.0.0/8", 7), 99));
        Assert.Equal(NetworkChange.Done, _table.Set(Texts.Deny("10.0.0.0/9", 99), 99));
        Assert.Equal(NetworkChange.Done, _table.Set(Texts.Deny("10.0.0.0/8", 99), 100));
        Assert.Equal(NetworkTable.SameNetworkMax + 1, _table.Count);
    }

    [Fact]
    public void Replace_OneNetworkBeyondItsLimit_IsRefusedAndChangesNothing()
    {
        Assert.Equal(NetworkChange.Done, _table.Set(Texts.Deny("11.0.0.0/8"), 0));
        NetworkEntry[] entries = [.. Enumerable.Range(0, NetworkTable.SameNetworkMax + 1).Select(i => Texts.Deny("::/0", (uint)i))];
        Assert.Equal(NetworkChange.NetworkFull, _table.Replace(_ => true, entries, 0));
        Assert.Equal(["deny 11.0.0.0/8 1"], _table.Entries(0).Select(Texts.Text));
        Assert.Equal(NetworkChange.Done, _table.Replace(_ => true, entries.AsSpan(1), 0));
        Assert.Equal(NetworkTable.SameNetworkMax, _table.Count);
    }

    [Fact]
    public void Table_AtItsLimit_TakesNoMoreUntilOneExpiresOrIsRemoved()
    {
        NetworkEntry[] entries = new NetworkEntry[NetworkTable.EntriesMax + 1];
        for (int i = 0; i < entries.Length; i++) entries[i] = Entry(i, i == 7 ? 100 : NetworkEntry.Never);
        Assert.Equal(NetworkChange.TableFull, _table.Replace(null, entries, 0));
        Assert.Equal(0, _table.Count);
        Assert.Equal(NetworkChange.Done, _table.Replace(null, entries.AsSpan(0, NetworkTable.EntriesMax), 0));
        Assert.Equal(NetworkChange.TableFull, _table.Set(entries[^1], 99));
        Assert.Equal(NetworkChange.Done, _table.Set(entries[0], 99));
        Assert.Equal(NetworkTable.EntriesMax, _table.Count);
        Assert.False(Has(NetworkTable.EntriesMax));

        Assert.Equal(NetworkChange.Done, _table.Set(entries[^1], 100));
        Assert.True(Has(NetworkTable.EntriesMax));
        Assert.Equal(NetworkChange.TableFull, _table.Set(Texts.Deny("::/0"), 100));
        Assert.True(_table.Remove(entries[3], 100));
        Assert.Equal(NetworkChange.Done, _table.Set(Texts.Deny("::/0"), 100));
        Assert.Equal(NetworkTable.EntriesMax, _table.Count);
    }

    /// <summary>Only as many removed entries as there are others stay in memory.</summary>
    [Fact]
    public void Remove_MoreThanStay_GivesTheirMemoryBack()
    {
        const int Entries = 4 * NetworkTable.RecentMax;
        NetworkEntry[] entries = new NetworkEntry[Entries];
        for (int i = 0; i < Entries; i++) entries[i] = Entry(i);
        _table.Replace(null, entries, 0);
        long before = _table.Bytes;
        for (int i = 0; i < Entries / 2 - 1; i++) Assert.True(_table.Remove(entries[i], 0));
        Assert.Equal((Entries / 2 + 1, before), (_table.Count, _table.Bytes));
        Assert.True(_table.Remove(entries[^1], 0));
        Assert.Equal(Entries / 2, _table.Count);
        Assert.InRange(_table.Bytes, 1, before * 6 / 10);
        for (int i = 0; i < Entries; i++) Assert.Equal(i is >= Entries / 2 - 1 and < Entries - 1, Has(i));
    }

    private static NetworkEntry Entry(int address, uint expires = NetworkEntry.Never) =>
        new(Network.Of(InetEndPoint.FromIPv4((uint)address * 2, 0)), NetworkAction.Deny, 1, expires);

    private void Set(int address) => Assert.Equal(NetworkChange.Done, _table.Set(Entry(address), 0));

    private bool Has(int address) => _table.TryFind(InetEndPoint.FromIPv4((uint)address * 2, 0), 100, out _);
}
