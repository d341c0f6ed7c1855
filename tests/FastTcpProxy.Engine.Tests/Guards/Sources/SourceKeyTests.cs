using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>Which clients are one source.</summary>
public sealed class SourceKeyTests
{
    [Theory]
    [InlineData("192.0.2.1:1", 64, "192.0.2.1")]
    [InlineData("[::ffff:192.0.2.1]:1", 64, "192.0.2.1")]
    [InlineData("[64:ff9b::192.0.2.1]:1", 64, "192.0.2.1")]
    [InlineData("[64:ff9b::192.0.2.1]:1", 128, "192.0.2.1")]
    [InlineData("[2001:db8:1:2:3:4:5:6]:1", 64, "2001:db8:1:2::/64")]
    [InlineData("[2001:db8:1:2:3:4:5:6]:1", 128, "2001:db8:1:2:3:4:5:6")]
    [InlineData("[2001:db8:1:2:ffff:4:5:6]:1", 65, "2001:db8:1:2:8000::/65")]
    [InlineData("[2001:db8:1:2:3:4:5:6]:1", 127, "2001:db8:1:2:3:4:5:6/127")]
    [InlineData("[2001:db8:1:2ff:3:4:5:6]:1", 56, "2001:db8:1:200::/56")]
    [InlineData("[2001:db8:1:2ff:3:4:5:6]:1", 48, "2001:db8:1::/48")]
    public void Of_Client_IsItsAddressOrItsNetwork(string client, int ipv6Prefix, string source) =>
        Assert.Equal(source, SourceKey.Of(End(client), 0, ipv6Prefix).ToString());

    [Fact]
    public void Of_TenThousandAddressesOfANetwork_IsOneSource()
    {
        Random random = new(1);
        UInt128 network = End("[2001:db8:0:1::]:0").Address;
        SourceKey[] keys = [.. Enumerable.Range(0, 10_000)
            .Select(i => SourceKey.Of(InetEndPoint.FromIPv6(network | (ulong)random.NextInt64(), (ushort)i)))];
        Assert.Single(keys.Distinct());
        Assert.NotEqual(keys[0], SourceKey.Of(End("[2001:db8:0:2::]:0")));
    }

    [Fact]
    public void Of_NoAddress_IsOneSource() => Assert.Equal(("unspecified", 0, SourceKey.Of(default)),
        (SourceKey.Of(default).ToString(), SourceKey.Of(default).PrefixLength, SourceKey.Of(default)));

    [Fact]
    public void Of_Scope_MakesAnotherSource()
    {
        SourceKey ofAll = SourceKey.Of(End("192.0.2.1:1")), ofService = SourceKey.Of(End("192.0.2.1:1"), SourceKey.ScopesMax - 1);
        Assert.NotEqual(ofAll, ofService);
        Assert.Equal((0, SourceKey.ScopesMax - 1), (ofAll.Scope, ofService.Scope));
        Assert.Equal(ofAll, ofService.InScope(0));
        Assert.Equal(ofService, ofAll.InScope(SourceKey.ScopesMax - 1));
    }

    /// <summary>An IPv4 address is not the IPv6 one with the same number.</summary>
    [Fact]
    public void Of_Family_MakesAnotherSource() =>
        Assert.NotEqual(SourceKey.Of(End("0.0.0.1:1")), SourceKey.Of(InetEndPoint.FromIPv6(1, 1), 0, 128));

    [Theory]
    [InlineData("192.0.2.1:1", 24, "192.0.2.0/24")]
    [InlineData("192.0.2.1:1", 0, "0.0.0.0/0")]
    [InlineData("192.0.2.1:1", 32, "192.0.2.1")]
    [InlineData("[2001:db8:1:2::]:1", 48, "2001:db8:1::/48")]
    [InlineData("[2001:db8:1:2::]:1", 0, "unspecified")]
    [InlineData("[2001:db8:1:2::]:1", 96, "2001:db8:1:2::/64")]
    public void Widen_IsTheNetworkAround(string client, int prefixLength, string network) =>
        Assert.Equal(network, SourceKey.Of(End(client)).Widen(prefixLength).ToString());

    [Theory]
    [InlineData("[2001:db8:1:2ff::]:1", 64, "2001:db8:1:200::/56, 2001:db8:1::/48")]
    [InlineData("[2001:db8:1:2ff::]:1", 128, "2001:db8:1:200::/56, 2001:db8:1::/48")]
    [InlineData("[2001:db8:1:2ff::]:1", 57, "2001:db8:1:200::/56, 2001:db8:1::/48")]
    [InlineData("[2001:db8:1:2ff::]:1", 56, "2001:db8:1::/48")]
    [InlineData("[2001:db8:1:2ff::]:1", 49, "2001:db8:1::/48")]
    [InlineData("[2001:db8:1:2ff::]:1", 48, "")]
    [InlineData("192.0.2.1:1", 64, "")]
    public void Parents_AreTheSiteAndTheLargeSite(string client, int ipv6Prefix, string parents)
    {
        List<string> found = [];
        SourceKey key = SourceKey.Of(End(client), 7, ipv6Prefix);
        while (key.TryGetParent(out key))
        {
            Assert.Equal(7, key.Scope);
            found.Add(key.ToString());
        }
        Assert.Equal(parents, string.Join(", ", found));
    }

    [Theory]
    [InlineData(-1, 64)]
    [InlineData(SourceKey.ScopesMax, 64)]
    [InlineData(0, SourceKey.Ipv6PrefixMin - 1)]
    [InlineData(0, SourceKey.Ipv6PrefixMax + 1)]
    public void Of_BeyondItsBounds_IsRefused(int scope, int ipv6Prefix) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceKey.Of(default, scope, ipv6Prefix));

    /// <summary>Sources that follow each other are spread like random ones, and no other process spreads them alike.</summary>
    [Theory]
    [InlineData(32, 64)]
    [InlineData(64, 64)]
    [InlineData(0, 128)]
    public void Hash_SourcesInARow_AreSpread(int shift, int ipv6Prefix)
    {
        const int Sources = 64_000, Places = 2_000;
        SourceHash hash = SourceHash.Create(), other = SourceHash.Create();
        int[] high = new int[Places], low = new int[Places];
        int same = 0;
        for (int i = 0; i < Sources; i++)
        {
            SourceKey key = shift == 32
                ? SourceKey.Of(InetEndPoint.FromIPv4((uint)i, 0))
                : SourceKey.Of(InetEndPoint.FromIPv6(End("[2001:db8::]:0").Address | ((UInt128)i << shift), 0), 0, ipv6Prefix);
            ulong of = hash.Of(key);
            high[(int)(((of >> 32) * Places) >> 32)]++;
            low[(int)(((of & uint.MaxValue) * Places) >> 32)]++;
            if (of >> 48 == other.Of(key) >> 48) same++;
        }
        // 32 in each, by Poisson: 5.7 more or less mostly, and 7 times that in no place of 2,000.
        Assert.InRange(high.Max(), 33, 32 + 40);
        Assert.InRange(low.Max(), 33, 32 + 40);
        Assert.InRange(same, 0, 20);
    }

    internal static InetEndPoint End(string text) =>
        InetEndPoint.TryParse(text, out InetEndPoint end) ? end : throw new FormatException(text);
}
