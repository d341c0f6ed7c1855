using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Engine.Tests.Guards.Networks;

/// <summary>Networks as values.</summary>
public sealed class NetworkTests
{
    [Theory]
    [InlineData("10.0.0.0", 8, "10.0.0.0/8", false)]
    [InlineData("10.0.0.1", 8, "10.0.0.0/8", true)]
    [InlineData("10.0.0.1", 32, "10.0.0.1", false)]
    [InlineData("10.0.0.1", 31, "10.0.0.0/31", true)]
    [InlineData("0.0.0.0", 0, "0.0.0.0/0", false)]
    [InlineData("128.0.0.0", 0, "0.0.0.0/0", true)]
    [InlineData("255.255.255.255", 32, "255.255.255.255", false)]
    [InlineData("2001:db8::", 32, "2001:db8::/32", false)]
    [InlineData("2001:db8::1", 64, "2001:db8::/64", true)]
    [InlineData("2001:db8:0:0:8000::", 64, "2001:db8::/64", true)]
    [InlineData("2001:db8:0:0:8000::", 65, "2001:db8:0:0:8000::/65", false)]
    [InlineData("2001:db8::1", 128, "2001:db8::1", false)]
    [InlineData("::", 0, "::/0", false)]
    [InlineData("::ffff:10.0.0.0", 104, "10.0.0.0/8", false)]
    [InlineData("::ffff:10.0.0.1", 104, "10.0.0.0/8", true)]
    [InlineData("::ffff:10.0.0.1", 128, "10.0.0.1", false)]
    [InlineData("64:ff9b::", 96, "0.0.0.0/0", false)]
    [InlineData("64:ff9b::", 95, "64:ff9b::/95", false)]
    [InlineData("64:ff9b::10.0.0.0", 104, "10.0.0.0/8", false)]
    public void Network_Of(string address, int prefixLength, string text, bool hasHostBits)
    {
        Network network = Network.Of(Texts.End(address), prefixLength, out bool hasBits)!.Value;
        Assert.Equal((text, hasHostBits), (network.ToString(), hasBits));
    }

    [Theory]
    [InlineData("10.0.0.0", 33)]
    [InlineData("10.0.0.0", -1)]
    [InlineData("2001:db8::", 129)]
    [InlineData("::ffff:10.0.0.0", 129)]
    public void Network_NoSuchPrefix_IsNone(string address, int prefixLength) =>
        Assert.Null(Network.Of(Texts.End(address), prefixLength, out _));

    [Fact]
    public void Network_Unspecified_IsNoneAndContainsNothing()
    {
        Assert.Null(Network.Of(default, 0, out _));
        Assert.Throws<ArgumentException>(() => Network.Of(default));
        Assert.False(default(Network).Contains(Texts.End("10.0.0.1")));
        Assert.False(Texts.Net("::/0").Contains(default));
        Assert.False(default(Network).Contains(default));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "64:ff9b::10.1.2.3", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("::/0", "64:ff9b::10.1.2.3", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("2001:db8::/65", "2001:db8::7fff:0:0:1", true)]
    [InlineData("2001:db8::/65", "2001:db8::8000:0:0:1", false)]
    public void Network_Contains(string network, string address, bool contains) =>
        Assert.Equal(contains, Texts.Net(network).Contains(Texts.End(address)));

    [Fact]
    public void Network_Order_IsByFamilyThenAddressThenWidth()
    {
        Network[] ordered =
        [
            .. new[] { "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0", "200.0.0.0/8", "::/0", "2001:db8::/32", "2001:db8::/64", "2001:db8::1" }
                .Select(Texts.Net),
        ];
        Assert.Equal(ordered, ordered.Reverse().Order());
        Assert.True(ordered[0] < ordered[1] && ordered[1] <= ordered[2] && ordered[3] > ordered[2] && ordered[4] >= ordered[3]);
    }
}
