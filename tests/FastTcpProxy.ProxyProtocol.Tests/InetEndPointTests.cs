using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using CsCheck;

namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>Ends as values and as text, with the framework's own parser as the judge where the two must agree.</summary>
public sealed class InetEndPointTests
{
    [Fact]
    public void InetEndPoint_Size_Is24Bytes() => Assert.Equal(24, Unsafe.SizeOf<InetEndPoint>());

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1:0")]
    [InlineData("2001:db8::1", "[2001:db8::1]:0")]
    [InlineData("::", "[::]:0")]
    [InlineData("::ffff:192.0.2.1", "[::ffff:c000:201]:0")]
    [InlineData("192.0.2.1:80", null)]
    [InlineData("[::1]", null)]
    [InlineData("192.0.2.01", null)]
    [InlineData("192.0.2", null)]
    [InlineData("fe80::1%1", null)]
    [InlineData("", null)]
    public void TryParseAddress_Text(string text, string? expected)
    {
        Assert.Equal(expected is not null, InetEndPoint.TryParseAddress(Encoding.ASCII.GetBytes(text), out InetEndPoint end));
        Assert.Equal(expected ?? "unspecified", end.ToString());
    }

    [Theory]
    [InlineData("1.2.3.4:80", "1.2.3.4:80", "1.2.3.4")]
    [InlineData("255.255.255.255:65535", "255.255.255.255:65535", "255.255.255.255")]
    [InlineData("[::]:0", "[::]:0", "::")]
    [InlineData("[::1]:80", "[::1]:80", "::1")]
    [InlineData("[1::]:80", "[1::]:80", "1::")]
    [InlineData("[2001:DB8:0:0:0:0:0:1]:80", "[2001:db8::1]:80", "2001:db8::1")]
    [InlineData("[2001:db8:0:1:1:1:1:1]:80", "[2001:db8:0:1:1:1:1:1]:80", "2001:db8:0:1:1:1:1:1")] // RFC 5952, 4.2.2
    [InlineData("[2001:0:0:1:0:0:0:1]:80", "[2001:0:0:1::1]:80", "2001:0:0:1::1")] // RFC 5952, 4.2.3
    [InlineData("[2001:db8:0:0:1:0:0:1]:80", "[2001:db8::1:0:0:1]:80", "2001:db8::1:0:0:1")] // RFC 5952, 4.2.3
    [InlineData("[::ffff:192.0.2.1]:80", "[::ffff:c000:201]:80", "::ffff:c000:201")]
    public void TryParse_Text_FormatsInCanonicalForm(string text, string expected, string address)
    {
        Assert.True(InetEndPoint.TryParse(text, out InetEndPoint end));
        Assert.Equal(expected, end.ToString());
        Assert.Equal(address, end.ToString("A", null));
        Assert.Equal(expected, $"{end}");
        byte[] utf8 = new byte[InetEndPoint.MaxTextLength];
        Assert.True(end.TryFormat(utf8, out int written));
        Assert.Equal(expected, Encoding.ASCII.GetString(utf8, 0, written));
        Assert.True(end.TryFormat(utf8.AsSpan(0, expected.Length), out _));
        Assert.False(end.TryFormat(utf8.AsSpan(0, expected.Length - 1), out written));
        Assert.Equal(0, written);
        char[] chars = new char[expected.Length];
        Assert.True(end.TryFormat(chars, out written));
        Assert.Equal(expected, new string(chars, 0, written));
        Assert.False(end.TryFormat(chars.AsSpan(1), out written));
        Assert.Equal(0, written);
        Assert.True(InetEndPoint.TryParse(Encoding.ASCII.GetBytes(expected), out InetEndPoint again));
        Assert.Equal(end, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.4:")]
    [InlineData("1.2.3.4:65536")]
    [InlineData("1.2.3.4:080")]
    [InlineData("1.2.3.4:+8")]
    [InlineData("1.2.3:80")]
    [InlineData("01.2.3.4:80")]
    [InlineData("0x1.2.3.4:80")]
    [InlineData(" 1.2.3.4:80")]
    [InlineData("1.2.3.4 :80")]
    [InlineData("[1.2.3.4]:80")]
    [InlineData("::1:80")]
    [InlineData("[::1]80")]
    [InlineData("[::1]")]
    [InlineData("[]:80")]
    [InlineData("[::1%lo]:80")]
    [InlineData("[::1%1]:80")]
    [InlineData("localhost:80")]
    [InlineData("１.2.3.4:80")]
    [InlineData("[0000:0000:0000:0000:0000:0000:255.255.255.255:0000:0000:0000]:65535")]
    public void TryParse_AnythingElse_IsRefused(string text)
    {
        Assert.False(InetEndPoint.TryParse(text, out InetEndPoint end));
        Assert.Equal(default, end);
    }

    [Fact]
    public void Default_IsUnspecified()
    {
        InetEndPoint end = default;
        Assert.Equal(EndPointFamily.Unspecified, end.Family);
        Assert.Equal("unspecified", end.ToString());
        Assert.Throws<InvalidOperationException>(() => end.ToIPEndPoint());
        Assert.Throws<FormatException>(() => end.ToString("X", null));
        Assert.NotEqual(InetEndPoint.FromIPv4(0, 0), end);
        Assert.NotEqual(InetEndPoint.FromIPv4(0, 0), InetEndPoint.FromIPv6(0, 0));
    }

    [Fact]
    public void FromIPEndPoint_MappedAddress_BecomesIPv4()
    {
        InetEndPoint end = InetEndPoint.FromIPEndPoint(new IPEndPoint(IPAddress.Parse("::ffff:192.0.2.1"), 80));
        Assert.Equal((EndPointFamily.InterNetwork, 0xC0000201u, (ushort)80), (end.Family, end.AddressV4, end.Port));
        Assert.True(end.MapToIPv6().IsIPv4Mapped);
        Assert.Equal(end, end.MapToIPv6().Unmap());
        Assert.Equal(end, end.Unmap());
        InetEndPoint mapped = InetEndPoint.FromIPv6(new UInt128(0, 0xFFFF_C000_0201), 80);
        Assert.Equal(EndPointFamily.InterNetworkV6, mapped.Family);
        Assert.Equal(end, mapped.Unmap());
        // A compatible address (RFC 4291, 2.5.5.1) is not a mapped one.
        InetEndPoint compatible = InetEndPoint.FromIPv6(new UInt128(0, 0xC000_0201), 80);
        Assert.Equal(compatible, compatible.Unmap());
    }

    [Fact]
    public void IPEndPoint_RoundTrip_GivesTheSame() => Ends().Sample(end =>
    {
        IPEndPoint framework = end.ToIPEndPoint();
        Assert.Equal(end.Unmap(), InetEndPoint.FromIPEndPoint(framework));
        Assert.Equal(end.Port, framework.Port);
        Assert.Equal(framework.Address, IPAddress.Parse(end.ToString("A", null)));
        Assert.True(InetEndPoint.TryParse(framework.ToString(), out InetEndPoint parsed));
        Assert.Equal(end, parsed);
        Assert.True(InetEndPoint.TryParse(end.ToString(), out parsed));
        Assert.True(end == parsed && !(end != parsed) && end.GetHashCode() == parsed.GetHashCode() && end.Equals((object)parsed));
    });

    /// <summary>All kinds of ends, with the zeros in IPv6 addresses that real ones have.</summary>
    internal static Gen<InetEndPoint> Ends()
    {
        Gen<InetEndPoint> ipv4 = Gen.Select(Gen.UInt, Gen.UShort, InetEndPoint.FromIPv4);
        Gen<ulong> half = Gen.OneOf(Gen.ULong, Gen.Const(0UL),
            Gen.Select(Gen.ULong, Gen.ULong, (bits, mask) => bits & (mask % 16) * 0x1111_0000_1111_0000UL));
        Gen<InetEndPoint> ipv6 = Gen.Select(half, half, Gen.UShort,
            (high, low, port) => InetEndPoint.FromIPv6(new UInt128(high, low), port));
        return Gen.OneOf(ipv4, ipv6, ipv4.Select(end => end.MapToIPv6()));
    }
}
