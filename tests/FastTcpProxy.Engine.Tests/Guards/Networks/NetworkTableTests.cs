using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Networks;

/// <summary>What decides on an address, and what the changes of a table do, as tables.</summary>
public sealed class NetworkTableTests
{
    private readonly NetworkTable _table = new();

    [Fact]
    public void Empty_NothingDecides()
    {
        Assert.Equal("nothing", _table.Decision("10.0.0.1"));
        Assert.Equal("nothing", _table.Decision("2001:db8::1"));
        Assert.False(_table.TryFind(default, 0, out _));
        Assert.Equal((0, 0L), (_table.Count, _table.Bytes));
        Assert.False(_table.Remove(Texts.Deny("10.0.0.0/8"), 0));
        _table.Merge(0);
        Assert.Empty(_table.Entries(0));
    }

    [Theory]
    [InlineData("10.0.0.1", "deny 10.0.0.0/24 2")]
    [InlineData("10.0.1.1", "deny 10.0.0.0/8 1")]
    [InlineData("10.0.0.7", "allow 10.0.0.7 3")]
    [InlineData("::ffff:10.0.0.7", "allow 10.0.0.7 3")]
    [InlineData("64:ff9b::10.0.1.1", "deny 10.0.0.0/8 1")]
    [InlineData("11.0.0.0", "nothing")]
    [InlineData("9.255.255.255", "nothing")]
    [InlineData("0.0.0.0", "nothing")]
    [InlineData("255.255.255.255", "deny 255.255.255.255 4")]
    [InlineData("192.0.2.200", "allow 192.0.2.0/24 6")]
    [InlineData("192.0.2.130", "allow 192.0.2.0/24 6")]
    [InlineData("2001:db8::1", "deny 2001:db8::/32 8")]
    [InlineData("2001:db8:0:1::1", "deny 2001:db8:0:1::/64 9")]
    [InlineData("2001:db8:0:1::a", "deny 2001:db8:0:1::a 10")]
    [InlineData("2001:db8:0:1::b", "deny 2001:db8:0:1::/64 9")]
    [InlineData("2001:db8:0:1::f", "allow 2001:db8:0:1::f 11")]
    [InlineData("2001:db9::", "nothing")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "deny ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 12")]
    [InlineData("ffff:ffff:ffff:ffff::", "nothing")]
    public void TryFind_Nested_NarrowestAllowThenNarrowestDeny(string address, string decision)
    {
        NetworkEntry[] entries =
        [
            Texts.Deny("10.0.0.0/8", 1), Texts.Deny("10.0.0.0/24", 2), Texts.Allow("10.0.0.7", 3), Texts.Deny("255.255.255.255", 4),
            // The allowed network beats what is denied within it.
            Texts.Deny("192.0.2.128/25", 5), Texts.Allow("192.0.2.0/24", 6), Texts.Deny("192.0.2.200", 7),
            Texts.Deny("2001:db8::/32", 8), Texts.Deny("2001:db8:0:1::/64", 9), Texts.Deny("2001:db8:0:1::a", 10),
            Texts.Allow("2001:db8:0:1::f", 11), Texts.Deny("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 12),
        ];
        Assert.Equal(NetworkChange.Done, _table.Replace(null, entries, 0));
        Assert.Equal(decision, _table.Decision(address));

        NetworkTable oneByOne = new();
        foreach (NetworkEntry entry in entries) Assert.Equal(NetworkChange.Done, oneByOne.Set(entry, 0));
        Assert.Equal(decision, oneByOne.Decision(address));

        NetworkTable halves = new();
        halves.Replace(null, entries.Where((_, i) => i % 2 == 0).ToArray(), 0);
        foreach (NetworkEntry entry in entries.Where((_, i) => i % 2 == 1)) halves.Set(entry, 0);
        Assert.Equal(decision, halves.Decision(address));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryFind_NarrowerExpires_WiderDecidesUntilItExpiresToo(bool isMerged)
    {
        Set(Texts.Deny("10.0.0.0/8", 1, expires: 300), Texts.Allow("10.0.0.0/16", 2, expires: 200));
        Set(Texts.Deny("10.0.0.0/24", 3, expires: 100));
        if (isMerged) _table.Merge(0);

        Assert.Equal("allow 10.0.0.0/16 2", _table.Decision("10.0.0.1", now: 99));
        Assert.Equal("deny 10.0.0.0/8 1", _table.Decision("10.0.0.1", now: 200));
        Assert.Equal("deny 10.0.0.0/8 1", _table.Decision("10.0.0.1", now: 299));
        Assert.Equal("nothing", _table.Decision("10.0.0.1", now: 300));
    }

    [Fact]
    public void TryFind_Entry_HasItsExpiry()
    {
        Set(Texts.Deny("10.0.0.0/8", 7, expires: 300));
        Assert.True(_table.TryFind(Texts.End("10.1.2.3"), 0, out NetworkEntry entry));
        Assert.Equal(Texts.Deny("10.0.0.0/8", 7, expires: 300), entry);
    }

    [Fact]
    public void Set_OneNetworkOfSeveralOwners_EachLivesAsLongAsItLives()
    {
        Set(Texts.Deny("192.0.2.1", 1), Texts.Deny("192.0.2.1", 2, expires: 100), Texts.Allow("192.0.2.1", 3, expires: 50));
        Assert.Equal(3, _table.Count);
        Assert.Equal("allow 192.0.2.1 3", _table.Decision("192.0.2.1", now: 0));
        Assert.Equal("deny 192.0.2.1 1", _table.Decision("192.0.2.1", now: 100));
        Assert.True(_table.Remove(Texts.Deny("192.0.2.1", 1), 0));
        Assert.Equal("deny 192.0.2.1 2", _table.Decision("192.0.2.1", now: 99));
        Assert.Equal("nothing", _table.Decision("192.0.2.1", now: 100));
    }

    [Fact]
    public void Set_EntryThatIsThere_ChangesItsExpiry()
    {
        _table.Replace(null, [Texts.Deny("10.0.0.0/8", expires: 100)], 0);
        Set(Texts.Deny("2001:db8::/32", expires: 100));
        Set(Texts.Deny("10.0.0.0/8", expires: 200), Texts.Deny("2001:db8::/32", expires: 200));
        Assert.Equal(2, _table.Count);
        Assert.Equal("deny 10.0.0.0/8 1", _table.Decision("10.0.0.1", now: 199));
        Assert.Equal("deny 2001:db8::/32 1", _table.Decision("2001:db8::1", now: 199));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryFind_EntryOfOneService_SaysNothingToOthers(bool isMerged)
    {
        Set(Texts.Deny("10.0.0.0/8", 1), Texts.Allow("10.0.0.0/16", 2, service: 3), Texts.Deny("192.0.2.1", 1, service: ushort.MaxValue));
        Set(Texts.Deny("192.0.2.1", 1, service: 3));
        if (isMerged) _table.Merge(0);
        Assert.Equal("allow 10.0.0.0/16 2", _table.Decision("10.0.0.1", service: 3));
        Assert.Equal("deny 10.0.0.0/8 1", _table.Decision("10.0.0.1", service: 4));
        Assert.Equal("deny 10.0.0.0/8 1", _table.Decision("10.0.0.1", service: NetworkEntry.AllServices));
        Assert.Equal("deny 192.0.2.1 1", _table.Decision("192.0.2.1", service: ushort.MaxValue));
        Assert.Equal("nothing", _table.Decision("192.0.2.1", service: 4));
        Assert.Equal([3, ushort.MaxValue], _table.Covering(Texts.End("192.0.2.1"), 0).Select(e => (int)e.Service).Order());

        Assert.False(_table.Remove(Texts.Deny("192.0.2.1", 1), 0));
        Assert.True(_table.Remove(Texts.Deny("192.0.2.1", 1, service: 3), 0));
        Assert.Equal("deny 192.0.2.1 1", _table.Decision("192.0.2.1", service: ushort.MaxValue));
        Assert.Equal("nothing", _table.Decision("192.0.2.1", service: 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Remove_AndSetAgain_IsThereAgain(bool isMerged)
    {
        Set(Texts.Deny("10.0.0.0/8"), Texts.Deny("10.0.0.0/24"));
        if (isMerged) _table.Merge(0);
        Assert.True(_table.Remove(Texts.Deny("10.0.0.0/24"), 0));
        Assert.False(_table.Remove(Texts.Deny("10.0.0.0/24"), 0));
        Assert.False(_table.Remove(Texts.Allow("10.0.0.0/8"), 0));
        Assert.False(_table.Remove(Texts.Deny("10.0.0.0/8", number: 2), 0));
        Assert.Equal((1, "deny 10.0.0.0/8 1"), (_table.Count, _table.Decision("10.0.0.1")));
        Set(Texts.Deny("10.0.0.0/24"));
        Assert.Equal((2, "deny 10.0.0.0/24 1"), (_table.Count, _table.Decision("10.0.0.1")));
    }

    [Fact]
    public void Remove_Expired_WasNotThere()
    {
        Set(Texts.Deny("10.0.0.0/8", expires: 100));
        Assert.False(_table.Remove(Texts.Deny("10.0.0.0/8"), 100));
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void Replace_OneList_LeavesTheOthersAndTheRecent()
    {
        _table.Replace(null, [Texts.Deny("10.0.0.0/8", 1), Texts.Deny("11.0.0.0/8", 1), Texts.Deny("12.0.0.0/8", 2)], 0);
        Set(Texts.Deny("13.0.0.0/8", 1), Texts.Deny("14.0.0.0/8", 3));
        Assert.Equal(NetworkChange.Done,
            _table.Replace(e => e.Number == 1, [Texts.Deny("11.0.0.0/8", 1), Texts.Deny("2001:db8::/32", 1)], 0));
        Assert.Equal(["deny 11.0.0.0/8 1", "deny 12.0.0.0/8 2", "deny 14.0.0.0/8 3", "deny 2001:db8::/32 1"],
            _table.Entries(0).Select(Texts.Text));
        Assert.Equal(4, _table.Count);
    }

    [Fact]
    public void Replace_SameEntryTwice_TheOneThatLivesLongest()
    {
        _table.Replace(null, [.. new uint[] { 20, 90, 5 }.Select(expires => Texts.Deny("10.0.0.0/8", expires: expires))], 0);
        Assert.Equal([Texts.Deny("10.0.0.0/8", expires: 90)], _table.Entries(0));
        _table.Replace(null, [Texts.Deny("10.0.0.0/8", expires: 30)], 0);
        Assert.Equal([Texts.Deny("10.0.0.0/8", expires: 30)], _table.Entries(0));
    }

    [Fact]
    public void Merge_Expired_LeaveTheMemory()
    {
        _table.Replace(null, [.. Enumerable.Range(0, 1000).Select(i => new NetworkEntry(
            Network.Of(InetEndPoint.FromIPv4((uint)i, 0)), NetworkAction.Deny, 1, i < 990 ? 100u : 200u))], 0);
        long before = _table.Bytes;
        _table.Merge(99);
        Assert.Equal((1000, before), (_table.Count, _table.Bytes));
        _table.Merge(100);
        Assert.Equal(10, _table.Count);
        Assert.InRange(_table.Bytes, 1, before / 20);
        _table.Merge(200);
        Assert.Equal((0, 0L), (_table.Count, _table.Bytes));
    }

    [Fact]
    public void Covering_AllLiveOnes_NarrowestFirst()
    {
        _table.Replace(null, [Texts.Deny("0.0.0.0/0", 1), Texts.Deny("10.0.0.0/8", 2), Texts.Deny("10.0.1.0/24", 3)], 0);
        Set(Texts.Allow("10.0.0.0/16", 4), Texts.Deny("10.0.0.1", 5, expires: 50), Texts.Deny("10.0.0.1", 6));
        Assert.Equal(["deny 10.0.0.1 6", "allow 10.0.0.0/16 4", "deny 10.0.0.0/8 2", "deny 0.0.0.0/0 1"],
            _table.Covering(Texts.End("64:ff9b::10.0.0.1"), 50).Select(Texts.Text));
        Assert.Empty(_table.Covering(Texts.End("::1"), 50));
        Assert.Empty(_table.Covering(default, 50));
    }

    [Fact]
    public void TryFind_AllocatesNothing()
    {
        _table.Replace(null, [Texts.Deny("10.0.0.0/8"), Texts.Deny("2001:db8::/32"), Texts.Deny("2001:db8::1")], 0);
        Set(Texts.Allow("10.0.0.1"), Texts.Allow("2001:db8::2"));
        string[] addresses = ["10.0.0.1", "10.0.0.2", "11.0.0.1", "2001:db8::1", "2001:db8::2", "2001:db9::"];
        InetEndPoint[] ends = [.. addresses.Select(Texts.End)];
        int found = 0;
        Assert.Equal(0, AllocatedBytes.LeastOf(() =>
        {
            foreach (InetEndPoint end in ends) found += _table.TryFind(end, 0, out _) ? 1 : 0;
        }));
        Assert.Equal(0, found % 4);
        Assert.InRange(found, 4, int.MaxValue);
    }

    private void Set(params NetworkEntry[] entries)
    {
        foreach (NetworkEntry entry in entries) Assert.Equal(NetworkChange.Done, _table.Set(entry, 0));
    }
}
