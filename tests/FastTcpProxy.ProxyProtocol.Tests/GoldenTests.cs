using System.Text;
using static FastTcpProxy.ProxyProtocol.Tests.TestEnds;

namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>
/// Each form, byte by byte as the specification has it. The bytes are written by hand; the checksums come from a bitwise computation apart
/// from this code.
/// </summary>
public sealed class GoldenTests
{
    private const string IPv4Ends = "C0000201 C6336402 DC04 01BB ";
    private const string IPv6Ends = "20010DB8000000000000000000000001 20010DB8000000000000000000000002 DC04 01BB ";
    private const string MixedEnds = "00000000000000000000FFFFC0000201 20010DB8000000000000000000000002 DC04 01BB ";

    [Theory]
    [InlineData("192.0.2.1:56324", "198.51.100.2:443", "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\\r\\n")]
    [InlineData("255.255.255.255:65535", "255.255.255.255:65535", "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\\r\\n")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0", "PROXY TCP4 0.0.0.0 0.0.0.0 0 0\\r\\n")]
    [InlineData("[2001:db8::1]:56324", "[2001:db8::2]:443", "PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\\r\\n")]
    [InlineData("[::]:1", "[::1]:10", "PROXY TCP6 :: ::1 1 10\\r\\n")]
    [InlineData("192.0.2.1:56324", "[2001:db8::2]:443", "PROXY TCP6 ::ffff:c000:201 2001:db8::2 56324 443\\r\\n")]
    [InlineData("[2001:db8::1]:56324", "198.51.100.2:443", "PROXY TCP6 2001:db8::1 ::ffff:c633:6402 56324 443\\r\\n")]
    [InlineData("-", "198.51.100.2:443", "PROXY UNKNOWN\\r\\n")]
    [InlineData("198.51.100.2:443", "-", "PROXY UNKNOWN\\r\\n")]
    public void TryWriteV1_Ends_GiveTheLine(string source, string target, string line)
    {
        byte[] expected = Line(line);
        byte[] buffer = new byte[ProxyHeaderEncoder.MaxV1Length];
        Assert.True(ProxyHeaderEncoder.TryWriteV1(buffer, End(source), End(target), out int written));
        Assert.Equal(Encoding.ASCII.GetString(expected), Encoding.ASCII.GetString(buffer, 0, written));

        Assert.True(ProxyHeaderEncoder.TryWriteV1(buffer.AsSpan(0, expected.Length), End(source), End(target), out written));
        Assert.Equal(expected.Length, written);
        Assert.False(ProxyHeaderEncoder.TryWriteV1(buffer.AsSpan(0, expected.Length - 1), End(source), End(target), out written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void TryWriteV1_LongestAddresses_Are104Bytes()
    {
        InetEndPoint end = InetEndPoint.FromIPv6(UInt128.MaxValue, 65535);
        byte[] buffer = new byte[ProxyHeaderEncoder.MaxV1Length];
        Assert.True(ProxyHeaderEncoder.TryWriteV1(buffer, end, end, out int written));
        Assert.Equal(104, written);
    }

    [Theory]
    [InlineData("192.0.2.1:56324", "198.51.100.2:443", ProxyTransport.Stream, "", "21 11 000C" + IPv4Ends)]
    [InlineData("192.0.2.1:56324", "198.51.100.2:443", ProxyTransport.Datagram, "", "21 12 000C" + IPv4Ends)]
    [InlineData("[2001:db8::1]:56324", "[2001:db8::2]:443", ProxyTransport.Stream, "", "21 21 0024" + IPv6Ends)]
    [InlineData("[2001:db8::1]:56324", "[2001:db8::2]:443", ProxyTransport.Datagram, "", "21 22 0024" + IPv6Ends)]
    [InlineData("192.0.2.1:56324", "[2001:db8::2]:443", ProxyTransport.Stream, "", "21 21 0024" + MixedEnds)]
    [InlineData("-", "198.51.100.2:443", ProxyTransport.Stream, "", "21 00 0000")]
    [InlineData("192.0.2.1:56324", "-", ProxyTransport.Stream, "EE0000", "21 00 0003 EE0000")]
    [InlineData("192.0.2.1:56324", "198.51.100.2:443", ProxyTransport.Unspecified, "", "21 00 0000")]
    [InlineData("192.0.2.1:56324", "198.51.100.2:443", ProxyTransport.Stream, "02 0001 61", "21 11 0010" + IPv4Ends + "02 0001 61")]
    [InlineData("[2001:db8::1]:56324", "[2001:db8::2]:443", ProxyTransport.Stream, "02 0001 61", "21 21 0028" + IPv6Ends + "02 0001 61")]
    public void TryWriteV2_Ends_GiveTheBytes(string source, string target, ProxyTransport transport, string tlvs, string rest)
    {
        byte[] expected = Hex(Signature + rest);
        byte[] block = Hex(tlvs);
        byte[] buffer = new byte[expected.Length];
        Assert.True(ProxyHeaderEncoder.TryWriteV2(buffer, End(source), End(target), block, out int written, transport));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(buffer, 0, written));

        Assert.False(ProxyHeaderEncoder.TryWriteV2(buffer.AsSpan(1), End(source), End(target), block, out written, transport));
        Assert.Equal(0, written);
    }

    [Fact]
    public void TryWriteV2Local_NoTlvs_Is16Bytes()
    {
        byte[] buffer = new byte[16];
        Assert.True(ProxyHeaderEncoder.TryWriteV2Local(buffer, default, out int written));
        Assert.Equal(Convert.ToHexString(Hex(Signature + "20 00 0000")), Convert.ToHexString(buffer, 0, written));
        Assert.False(ProxyHeaderEncoder.TryWriteV2Local(buffer.AsSpan(1), default, out written));
        Assert.Equal(0, written);
    }

    [Theory]
    [InlineData(ProxyTransport.Stream, "31")]
    [InlineData(ProxyTransport.Datagram, "32")]
    public void TryWriteV2Unix_Paths_AreFilledWithNul(ProxyTransport transport, string family)
    {
        // "/a" and "/run/b", each in 108 bytes.
        byte[] expected = Hex(
            Signature + "21" + family + "00DB" + "2F61" + new string('0', 106 * 2) + "2F72756E2F62" + new string('0', 102 * 2) + "EE0000");
        byte[] buffer = new byte[expected.Length];
        buffer.AsSpan().Fill(0xFF);
        Assert.True(ProxyHeaderEncoder.TryWriteV2Unix(buffer, "/a"u8, "/run/b"u8, Hex("EE0000"), out int written, transport));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(buffer, 0, written));

        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(expected, out ProxyHeader header, out _));
        Assert.Equal((ProxyAddressFamily.Unix, transport), (header.AddressFamily, header.Transport));
        Assert.Equal("/a", Encoding.ASCII.GetString(header.UnixSource));
        Assert.Equal("/run/b", Encoding.ASCII.GetString(header.UnixDestination));
        Assert.False(header.HasInetAddresses);
        Assert.Equal(3, header.Tlvs.Bytes.Length);
    }

    [Fact]
    public void TryWriteV2Unix_PathOf108Bytes_FillsItsField_And109AreRefused()
    {
        byte[] path = new byte[109];
        path.AsSpan().Fill((byte)'p');
        byte[] buffer = new byte[512];
        Assert.True(ProxyHeaderEncoder.TryWriteV2Unix(buffer, path.AsSpan(1), path.AsSpan(1), default, out int written));
        Assert.Equal(232, written);
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(buffer.AsSpan(0, written), out ProxyHeader header, out _));
        Assert.Equal(108, header.UnixSource.Length);
        Assert.Equal(108, header.UnixDestination.Length);
        Assert.False(ProxyHeaderEncoder.TryWriteV2Unix(buffer, path, default, default, out written));
        Assert.False(ProxyHeaderEncoder.TryWriteV2Unix(buffer, default, path, default, out written));
        Assert.Equal(0, written);
    }

    [Theory]
    [InlineData("21 11 000C" + IPv4Ends, "192.0.2.1:56324", "198.51.100.2:443", ProxyAddressFamily.InterNetwork, ProxyTransport.Stream)]
    [InlineData("21 12 000C" + IPv4Ends, "192.0.2.1:56324", "198.51.100.2:443", ProxyAddressFamily.InterNetwork, ProxyTransport.Datagram)]
    [InlineData("21 21 0024" + IPv6Ends, "[2001:db8::1]:56324", "[2001:db8::2]:443", ProxyAddressFamily.InterNetworkV6,
        ProxyTransport.Stream)]
    [InlineData("21 22 0024" + IPv6Ends, "[2001:db8::1]:56324", "[2001:db8::2]:443", ProxyAddressFamily.InterNetworkV6,
        ProxyTransport.Datagram)]
    [InlineData("21 21 0024" + MixedEnds, "[::ffff:c000:201]:56324", "[2001:db8::2]:443", ProxyAddressFamily.InterNetworkV6,
        ProxyTransport.Stream)]
    public void Decode_V2Ends_GivesThem(string rest, string source, string target, ProxyAddressFamily family, ProxyTransport transport)
    {
        byte[] bytes = Hex(Signature + rest + "474554"); // and some payload
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(bytes, out ProxyHeader header, out ProxyDecodeError error));
        Assert.Equal(ProxyDecodeError.None, error);
        Assert.Equal((2, ProxyCommand.Proxy, family, transport), (header.Version, header.Command, header.AddressFamily, header.Transport));
        Assert.Equal((End(source), End(target)), (header.Source, header.Destination));
        Assert.True(header.HasInetAddresses);
        Assert.Equal(bytes.Length - 3, header.Length);
        Assert.True(header.Tlvs.Bytes.IsEmpty);
    }

    [Theory]
    [InlineData("21 00 0000", 16)] // UNSPEC
    [InlineData("21 01 0000", 16)] // a transport without a family
    [InlineData("21 00 0005 FFFFFFFFFF", 21)] // addresses of a kind that is not known here
    [InlineData("21 10 000C" + IPv4Ends, 28)] // addresses of an unspecified transport are ignored
    [InlineData("21 20 0024" + IPv6Ends, 52)]
    public void Decode_V2Unspecified_GivesNoAddress(string rest, int length)
    {
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(Hex(Signature + rest), out ProxyHeader header, out _));
        Assert.Equal((ProxyCommand.Proxy, ProxyAddressFamily.Unspecified), (header.Command, header.AddressFamily));
        Assert.False(header.HasInetAddresses);
        Assert.Equal((default, default), (header.Source, header.Destination));
        Assert.Equal(length, header.Length);
        Assert.Equal(length - 16, header.Block.Length);
        Assert.True(header.Tlvs.Bytes.IsEmpty);
    }

    [Theory]
    [InlineData("20 00 0000", 16)]
    [InlineData("20 11 000C" + IPv4Ends, 28)]
    [InlineData("20 11 0003 FFFFFF", 19)] // shorter than the addresses of the family
    [InlineData("20 FF 0004 DEADBEEF", 20)] // the family is to be ignored
    [InlineData("20 00 0007 030004 00000000", 23)] // a wrong CRC32C
    [InlineData("20 00 0003 01FFFF", 19)] // a TLV that reaches past the end
    public void Decode_V2Local_IsAcceptedWhateverItsBlockHolds(string rest, int length)
    {
        Assert.Equal(ProxyDecodeStatus.Complete,
            ProxyHeaderDecoder.Decode(Hex(Signature + rest + "474554"), out ProxyHeader header, out _));
        Assert.Equal((2, ProxyCommand.Local, length), (header.Version, header.Command, header.Length));
        Assert.Equal((ProxyAddressFamily.Unspecified, ProxyTransport.Unspecified), (header.AddressFamily, header.Transport));
        Assert.False(header.HasInetAddresses);
        Assert.True(header.Tlvs.Bytes.IsEmpty);
        Assert.Equal(length - 16, header.Block.Length);
    }

    [Theory]
    [InlineData("", "030004 20EC9549")]
    [InlineData("02000A 612E6578616D706C652E", "030004 1A8B4CFF")]
    public void TryWriteV2WithCrc32C_Ends_GiveTheChecksum(string tlvs, string crc)
    {
        (string source, string target) = tlvs.Length == 0
            ? ("192.0.2.1:56324", "198.51.100.2:443")
            : ("[2001:db8::1]:56324", "[2001:db8::2]:443");
        byte[] expected = Hex(Signature + (tlvs.Length == 0 ? "21 11 0013" + IPv4Ends : "21 21 0038" + IPv6Ends) + tlvs + crc);
        byte[] buffer = new byte[expected.Length];
        Assert.True(ProxyHeaderEncoder.TryWriteV2WithCrc32C(buffer, End(source), End(target), Hex(tlvs), out int written));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(buffer, 0, written));
        Assert.False(ProxyHeaderEncoder.TryWriteV2WithCrc32C(buffer.AsSpan(1), End(source), End(target), Hex(tlvs), out written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void Decode_Crc32CInTheMiddle_IsVerifiedOverAllThatFollows()
    {
        byte[] bytes = Hex(Signature + "21 11 001A" + IPv4Ends + "030004 378D5D26 040004 00000000");
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(bytes, out _, out _));
        Assert.Equal(Crc32COutcome.Match, ProxyHeaderDecoder.VerifyCrc32C(bytes));
        bytes[^1] ^= 1;
        Assert.Equal(ProxyDecodeStatus.Invalid, ProxyHeaderDecoder.Decode(bytes, out _, out ProxyDecodeError error));
        Assert.Equal(ProxyDecodeError.V2Crc32CMismatch, error);
        Assert.Equal(Crc32COutcome.Mismatch, ProxyHeaderDecoder.VerifyCrc32C(bytes));
    }
}
