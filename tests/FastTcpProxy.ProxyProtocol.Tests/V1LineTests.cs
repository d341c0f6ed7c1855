using static FastTcpProxy.ProxyProtocol.Tests.TestEnds;

namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>Version 1: which lines are a header and which are not, and how soon that is known (specification 2.1).</summary>
public sealed class V1LineTests
{
    private const string Ones = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443", "192.0.2.1:56324", "198.51.100.2:443")]
    [InlineData("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535", "0.0.0.0:0", "255.255.255.255:65535")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", "255.255.255.255:65535", "255.255.255.255:65535")]
    [InlineData("PROXY TCP4 10.20.30.40 1.2.3.4 1 10", "10.20.30.40:1", "1.2.3.4:10")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:db8::2 56324 443", "[2001:db8::1]:56324", "[2001:db8::2]:443")]
    [InlineData("PROXY TCP6 2001:0DB8:0000:0000:0000:0000:0000:0001 :: 1 2", "[2001:db8::1]:1", "[::]:2")]
    [InlineData("PROXY TCP6 ::1 1:2:3:4:5:6:7:8 1 2", "[::1]:1", "[1:2:3:4:5:6:7:8]:2")]
    [InlineData("PROXY TCP6 1:: ::8 1 2", "[1::]:1", "[::8]:2")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1 2", "[1:2:3:4:5:6:7:0]:1", "[0:2:3:4:5:6:7:8]:2")]
    [InlineData("PROXY TCP6 1:2::7:8 abcd:EF01::2 1 2", "[1:2::7:8]:1", "[abcd:ef01::2]:2")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.1 64:ff9b::198.51.100.2 1 2", "[::ffff:c000:201]:1", "[64:ff9b::c633:6402]:2")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:192.0.2.1 ::192.0.2.1 1 2", "[1:2:3:4:5:6:c000:201]:1", "[::c000:201]:2")]
    [InlineData("PROXY TCP6 " + Ones + " " + Ones + " 65535 65535", "[" + Ones + "]:65535", "[" + Ones + "]:65535")]
    [InlineData("PROXY UNKNOWN", "-", "-")]
    [InlineData("PROXY UNKNOWN ", "-", "-")]
    [InlineData("PROXY UNKNOWN 192.0.2.1 198.51.100.2 56324 443", "-", "-")]
    [InlineData("PROXY UNKNOWN   anything \\0\x00ff at all", "-", "-")]
    [InlineData("PROXY UNKNOWN " + Ones + " " + Ones + " 65535 65535", "-", "-")]
    public void Decode_ValidLine_GivesItsEnds(string line, string source, string target)
    {
        byte[] header = Line(line + "\\r\\n");
        byte[] bytes = [.. header, .. "\r\nGET / HTTP/1.1"u8];
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(bytes, out ProxyHeader decoded, out ProxyDecodeError error));
        Assert.Equal(ProxyDecodeError.None, error);
        Assert.Equal((1, ProxyCommand.Proxy, header.Length), (decoded.Version, decoded.Command, decoded.Length));
        Assert.Equal((End(source), End(target)), (decoded.Source, decoded.Destination));
        Assert.Equal(source != "-", decoded.HasInetAddresses);
        Assert.Equal(source == "-" ? ProxyTransport.Unspecified : ProxyTransport.Stream, decoded.Transport);
        for (int length = 0; length < header.Length; length++)
            Assert.Equal(ProxyDecodeStatus.NeedMore, ProxyHeaderDecoder.Decode(bytes.AsSpan(0, length), out _, out _));
    }

    /// <summary>The bar marks how much of the line is enough to know.</summary>
    [Theory]
    [InlineData("G|ET / HTTP/1.1\\r\\n", ProxyDecodeError.NotAHeader)]
    [InlineData("\\0|", ProxyDecodeError.NotAHeader)]
    [InlineData(" |PROXY TCP4", ProxyDecodeError.NotAHeader)]
    [InlineData("p|roxy TCP4", ProxyDecodeError.NotAHeader)]
    [InlineData("PO|ST / HTTP/1.1\\r\\n", ProxyDecodeError.NotAHeader)]
    [InlineData("PROXX| TCP4", ProxyDecodeError.NotAHeader)]
    [InlineData("PROXY\\r|\\n", ProxyDecodeError.NotAHeader)]
    [InlineData("PROXY\t|TCP4", ProxyDecodeError.NotAHeader)]
    [InlineData("PROXY  |TCP4 1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1EmptyField)]
    [InlineData("PROXY \\r|\\n", ProxyDecodeError.V1UnknownProtocol)]
    [InlineData("PROXY t|cp4 1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1UnknownProtocol)]
    [InlineData("PROXY TCP5| 1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1UnknownProtocol)]
    [InlineData("PROXY TCP44| 1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1UnknownProtocol)]
    [InlineData("PROXY TCP |1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1UnknownProtocol)]
    [InlineData("PROXY UD|P4 1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1UnknownProtocol)]
    [InlineData("PROXY UNKNOWNS|\\r\\n", ProxyDecodeError.V1UnknownProtocol)]
    [InlineData("PROXY UNKNOW\\r|\\n", ProxyDecodeError.V1UnknownProtocol)]
    [InlineData("PROXY UNKNOWN\\n|", ProxyDecodeError.V1LoneLineFeed)]
    [InlineData("PROXY UNKNOWN\\rX|\\r\\n", ProxyDecodeError.V1LoneCarriageReturn)]
    [InlineData("PROXY UNKNOWN a\\n|b\\r\\n", ProxyDecodeError.V1LoneLineFeed)]
    [InlineData("PROXY UNKNOWN a\\r\\r|\\n", ProxyDecodeError.V1LoneCarriageReturn)]
    [InlineData("PROXY TCP4\\r|\\n", ProxyDecodeError.V1MissingField)]
    [InlineData("PROXY TCP4\\n|", ProxyDecodeError.V1LoneLineFeed)]
    [InlineData("PROXY TCP4 \\r|\\n", ProxyDecodeError.V1MissingField)]
    [InlineData("PROXY TCP4  |1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1EmptyField)]
    [InlineData("PROXY TCP4 1.2.3.4\\r|\\n", ProxyDecodeError.V1MissingField)]
    [InlineData("PROXY TCP4 1.2.3.4  |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1EmptyField)]
    [InlineData("PROXY TCP4 1.2.3.4\t|1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 1.2.3 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 1.2.3.4.5 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 1.2.3.4. |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 1..3.4 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 256.2.3.4 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 1000.2.3.4 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 01.2.3.4 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 1.2.3.00 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 0x|1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 -|1.2.3.4 1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 16909060 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 :|:1 ::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 255.255.255.2555|", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4:|80 1 2\\r\\n", ProxyDecodeError.V1DestinationAddress)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.256 |1 2\\r\\n", ProxyDecodeError.V1DestinationAddress)]
    [InlineData("PROXY TCP4 1.2.3.4 :|:1 1 2\\r\\n", ProxyDecodeError.V1DestinationAddress)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1\\r|\\n", ProxyDecodeError.V1MissingField)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4\\n|1 2\\r\\n", ProxyDecodeError.V1LoneLineFeed)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 65536 |2\\r\\n", ProxyDecodeError.V1SourcePort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 100000| 2\\r\\n", ProxyDecodeError.V1SourcePort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 00 |2\\r\\n", ProxyDecodeError.V1SourcePort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 080 |2\\r\\n", ProxyDecodeError.V1SourcePort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 +|1 2\\r\\n", ProxyDecodeError.V1SourcePort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 -|1 2\\r\\n", ProxyDecodeError.V1SourcePort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 02\\r|\\n", ProxyDecodeError.V1DestinationPort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\\r|\\n", ProxyDecodeError.V1DestinationPort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 a|\\r\\n", ProxyDecodeError.V1DestinationPort)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 \\r|\\n", ProxyDecodeError.V1MissingField)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 |\\r\\n", ProxyDecodeError.V1TrailingData)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 |3\\r\\n", ProxyDecodeError.V1TrailingData)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\\n|", ProxyDecodeError.V1LoneLineFeed)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\\rG|", ProxyDecodeError.V1LoneCarriageReturn)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\\r\\r|\\n", ProxyDecodeError.V1LoneCarriageReturn)]
    [InlineData("PROXY TCP6 1.2.3.4 |1.2.3.4 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 [|::1] ::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 fe80::1%|eth0 ::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 ::1/|128 ::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 : |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 ::: |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 1::2::3 |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7 |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:8:9 |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 1:2:3:4::5:6:7:8 |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7: |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 :1:2:3:4:5:6:7 |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 12345::1 |::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 g|::1 ::1 1 2\\r\\n", ProxyDecodeError.V1SourceAddress)]
    [InlineData("PROXY TCP6 ::1 ::192.0.2.01 |1 2\\r\\n", ProxyDecodeError.V1DestinationAddress)]
    [InlineData("PROXY TCP6 ::1 1:2:3:4:5:6:7:192.0.2.1 |1 2\\r\\n", ProxyDecodeError.V1DestinationAddress)]
    [InlineData("PROXY TCP6 ::1 192.0.2.1::1 |1 2\\r\\n", ProxyDecodeError.V1DestinationAddress)]
    [InlineData("PROXY TCP6 ::1 ::192.0.2.1:1 |1 2\\r\\n", ProxyDecodeError.V1DestinationAddress)]
    public void Decode_InvalidLine_IsKnownAtTheBar(string line, ProxyDecodeError expected)
    {
        int bar = Line(line[..line.IndexOf('|')]).Length;
        byte[] bytes = Line(line.Replace("|", ""));
        for (int length = 0; length <= bytes.Length; length++)
        {
            ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(bytes.AsSpan(0, length), out ProxyHeader header,
                out ProxyDecodeError error);
            Assert.Equal(0, header.Length);
            Assert.True((length < bar ? ProxyDecodeStatus.NeedMore : ProxyDecodeStatus.Invalid) == status,
                $"{status} after {length} bytes");
            Assert.Equal(length < bar ? ProxyDecodeError.None : expected, error);
        }
    }

    [Theory]
    [InlineData(105, ProxyDecodeStatus.Complete)]
    [InlineData(106, ProxyDecodeStatus.Invalid)]
    [InlineData(200, ProxyDecodeStatus.Invalid)]
    public void Decode_UnknownLine_EndsWithin107Bytes(int lengthBeforeCrLf, ProxyDecodeStatus expected)
    {
        byte[] bytes = Line("PROXY UNKNOWN".PadRight(lengthBeforeCrLf, 'x').Replace("Nx", "N ") + "\\r\\n");
        Assert.Equal(expected, ProxyHeaderDecoder.Decode(bytes, out _, out ProxyDecodeError error));
        Assert.Equal(expected == ProxyDecodeStatus.Invalid ? ProxyDecodeError.V1LineTooLong : ProxyDecodeError.None, error);
        Assert.Equal(ProxyDecodeStatus.NeedMore, ProxyHeaderDecoder.Decode(bytes.AsSpan(0, 106), out _, out _));
    }

    [Fact]
    public void Decode_DottedTailsPast107Bytes_AreTooLong()
    {
        const string Address = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255";
        Assert.Equal(ProxyDecodeStatus.Invalid,
            ProxyHeaderDecoder.Decode(Line($"PROXY TCP6 {Address} {Address} 6 7\\r\\n"), out _, out ProxyDecodeError error));
        Assert.Equal(ProxyDecodeError.V1LineTooLong, error);
    }
}
