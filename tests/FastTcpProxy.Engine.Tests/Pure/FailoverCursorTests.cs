using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>The order of failover: every address of every upstream, once, in the list's order.</summary>
public sealed class FailoverCursorTests
{
    /// <summary>Numbers of addresses for each upstream, and the visits: upstream/address, or upstream/- without one.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("1", "0/0")]
    [InlineData("0", "0/-")]
    [InlineData("1 1 1", "0/0 1/0 2/0")]
    [InlineData("2 1", "0/0 0/1 1/0")]
    [InlineData("0 2 0", "0/- 1/0 1/1 2/-")]
    [InlineData("16", "0/0 0/1 0/2 0/3 0/4 0/5 0/6 0/7 0/8 0/9 0/10 0/11 0/12 0/13 0/14 0/15")]
    public void MoveNext_List_VisitsEachAddressOnceInOrder(string addresses, string expected)
    {
        ImmutableArray<UpstreamDefinition> upstreams = Upstreams(addresses);
        FailoverCursor cursor = default;
        List<string> visits = [];
        while (cursor.MoveNext(upstreams, out UpstreamAddress? address))
        {
            visits.Add(Visit(cursor, address));
            if (address is not null) Assert.Same(upstreams[cursor.Place.Upstream].Addresses[cursor.Place.Address], address);
        }
        Assert.Equal(expected, string.Join(' ', visits));
        Assert.False(cursor.MoveNext(upstreams, out _));
    }

    /// <summary>Which addresses are put off, and the visits.</summary>
    [Theory]
    [InlineData("2 1 1", "", "0/0 0/1 1/0 2/0")]
    [InlineData("2 1 1", "0/0", "0/1 1/0 2/0 0/0")]
    [InlineData("2 1 1", "0/0 0/1", "1/0 2/0 0/0 0/1")]
    [InlineData("2 1 1", "0/1 2/0", "0/0 1/0 0/1 2/0")]
    [InlineData("1 0 1", "1/-", "0/0 2/0 1/-")]
    [InlineData("1 1 1", "0/0 2/0", "1/0 0/0 2/0")]
    [InlineData("1 1 1", "0/0 1/0 2/0", "0/0 1/0 2/0")]
    [InlineData("1 2", "1/0 1/1", "0/0 1/0 1/1")]
    public void PutOff_Addresses_ComeLastInTheirOrder(string addresses, string putOff, string expected)
    {
        ImmutableArray<UpstreamDefinition> upstreams = Upstreams(addresses);
        string[] last = putOff.Split(' ');
        FailoverCursor cursor = default;
        List<string> visits = [];
        while (cursor.MoveNext(upstreams, out UpstreamAddress? address))
        {
            if (cursor.MayPutOff && last.Contains(Visit(cursor, address))) cursor.PutOff(cursor.Place);
            else visits.Add(Visit(cursor, address));
        }
        Assert.Equal(expected, string.Join(' ', visits));
        Assert.False(cursor.HasNext(upstreams));
    }

    /// <summary>Each second address is put off, as far as that is possible. Those behind the limit keep their places.</summary>
    [Theory]
    [InlineData(FailoverCursor.PutOffMax)]
    [InlineData(FailoverCursor.PutOffMax + 1)]
    [InlineData(FailoverCursor.PutOffMax + 9)]
    [InlineData(1_024)]
    public void PutOff_AtTheLimit_VisitsEachOnce(int count)
    {
        ImmutableArray<UpstreamDefinition> upstreams = Upstreams(string.Join(' ', Enumerable.Repeat('1', count)));
        FailoverCursor cursor = default;
        List<int> visits = [];
        while (cursor.MoveNext(upstreams, out _))
        {
            if (cursor.MayPutOff && cursor.Place.Upstream % 2 == 1) cursor.PutOff(cursor.Place);
            else visits.Add(cursor.Place.Upstream);
        }
        Assert.Equal(Enumerable.Range(0, count).OrderBy(i => i < FailoverCursor.PutOffMax ? i % 2 : 0), visits);
    }

    private static string Visit(FailoverCursor cursor, UpstreamAddress? address) =>
        $"{cursor.Place.Upstream}/{(address is null ? "-" : cursor.Place.Address)}";

    private static ImmutableArray<UpstreamDefinition> Upstreams(string addresses) =>
        [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((count, i) =>
            new UpstreamDefinition($"u{i}", HeaderMode.Raw,
                [.. Enumerable.Range(0, int.Parse(count)).Select(a => new UpstreamAddress(new IPEndPoint(i, a + 1)))]))];
}
