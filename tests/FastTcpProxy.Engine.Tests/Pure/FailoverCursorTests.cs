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
        ImmutableArray<UpstreamDefinition> upstreams = [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((count, i) =>
            new UpstreamDefinition($"u{i}", HeaderMode.Raw,
                [.. Enumerable.Range(0, int.Parse(count)).Select(a => new UpstreamAddress(new IPEndPoint(i, a + 1)))]))];
        FailoverCursor cursor = default;
        List<string> visits = [];
        while (cursor.MoveNext(upstreams, out UpstreamAddress? address))
        {
            visits.Add($"{cursor.UpstreamIndex}/{(address is null ? "-" : cursor.AddressIndex)}");
            if (address is not null) Assert.Same(upstreams[cursor.UpstreamIndex].Addresses[cursor.AddressIndex], address);
        }
        Assert.Equal(expected, string.Join(' ', visits));
        Assert.False(cursor.MoveNext(upstreams, out _));
    }
}
