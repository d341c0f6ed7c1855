using FastTcpProxy.Engine.Guards;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>A client has one address, however it comes.</summary>
public sealed class CountedAddressTests
{
    [Theory]
    [InlineData("192.0.2.1:80", "192.0.2.1:80")]
    [InlineData("[::ffff:192.0.2.1]:80", "192.0.2.1:80")]
    [InlineData("[64:ff9b::192.0.2.1]:80", "192.0.2.1:80")]
    [InlineData("[64:ff9b::]:80", "0.0.0.0:80")]
    [InlineData("[64:ff9b::ffff:ffff]:80", "255.255.255.255:80")]
    [InlineData("[64:ff9b::1:0:0]:80", "[64:ff9b::1:0:0]:80")]
    [InlineData("[64:ff9b:1::192.0.2.1]:80", "[64:ff9b:1::c000:201]:80")]
    [InlineData("[64:ff9a::192.0.2.1]:80", "[64:ff9a::c000:201]:80")]
    [InlineData("[::192.0.2.1]:80", "[::c000:201]:80")]
    [InlineData("[2001:db8::1]:80", "[2001:db8::1]:80")]
    public void Of_OneClient_HasOneAddress(string came, string counts)
    {
        Assert.True(InetEndPoint.TryParse(came, out InetEndPoint client), came);
        Assert.Equal(counts, CountedAddress.Of(client).ToString());
    }

    [Fact]
    public void Of_NoAddress_StaysNone() => Assert.Equal(default, CountedAddress.Of(default));
}
