using static FastTcpProxy.ProxyProtocol.Tests.TestEnds;

namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>Version 2: what is no header, and how soon that is known (specification 2.2).</summary>
public sealed class V2FaultTests
{
    private const string Ends = "C0000201 C6336402 DC04 01BB ";

    [Theory]
    [InlineData(1, 0x0B)]
    [InlineData(4, 0x01)]
    [InlineData(11, 0x0D)]
    public void Decode_WrongSignature_IsKnownAtItsByte(int index, byte wrong)
    {
        byte[] bytes = Hex(Signature + "21 11 000C" + Ends);
        bytes[index] = wrong;
        AssertInvalid(bytes, index + 1, ProxyDecodeError.NotAHeader);
    }

    [Theory]
    [InlineData("11 11 000C" + Ends, 13, ProxyDecodeError.V2Version)]
    [InlineData("31 11 000C" + Ends, 13, ProxyDecodeError.V2Version)]
    [InlineData("01 11 000C" + Ends, 13, ProxyDecodeError.V2Version)]
    [InlineData("10 00 0000", 13, ProxyDecodeError.V2Version)]
    [InlineData("22 11 000C" + Ends, 13, ProxyDecodeError.V2Command)]
    [InlineData("2F 11 000C" + Ends, 13, ProxyDecodeError.V2Command)]
    [InlineData("21 41 000C" + Ends, 14, ProxyDecodeError.V2AddressFamily)]
    [InlineData("21 F0 0000", 14, ProxyDecodeError.V2AddressFamily)]
    [InlineData("21 13 000C" + Ends, 14, ProxyDecodeError.V2Transport)]
    [InlineData("21 0F 0000", 14, ProxyDecodeError.V2Transport)]
    [InlineData("21 11 000B" + Ends, 16, ProxyDecodeError.V2AddressesTruncated)]
    [InlineData("21 11 0000", 16, ProxyDecodeError.V2AddressesTruncated)]
    [InlineData("21 10 0000", 16, ProxyDecodeError.V2AddressesTruncated)]
    [InlineData("21 21 0023" + Ends, 16, ProxyDecodeError.V2AddressesTruncated)]
    [InlineData("21 31 00D7" + Ends, 16, ProxyDecodeError.V2AddressesTruncated)]
    [InlineData("21 11 000D" + Ends + "04", 29, ProxyDecodeError.V2TlvBounds)]
    [InlineData("21 11 000E" + Ends + "0400", 30, ProxyDecodeError.V2TlvBounds)]
    [InlineData("21 11 000F" + Ends + "040001", 31, ProxyDecodeError.V2TlvBounds)]
    [InlineData("21 11 0010" + Ends + "040000 04", 32, ProxyDecodeError.V2TlvBounds)]
    [InlineData("21 11 0011" + Ends + "04FFFF 0000", 33, ProxyDecodeError.V2TlvBounds)]
    [InlineData("21 11 0012" + Ends + "030003 000000", 34, ProxyDecodeError.V2Crc32CLength)]
    [InlineData("21 11 0014" + Ends + "030005 0000000000", 36, ProxyDecodeError.V2Crc32CLength)]
    [InlineData("21 11 001A" + Ends + "030004 00000000 030004 00000000", 42, ProxyDecodeError.V2Crc32CDuplicate)]
    [InlineData("21 11 0013" + Ends + "030004 20EC9548", 35, ProxyDecodeError.V2Crc32CMismatch)]
    [InlineData("21 11 0013" + Ends + "030004 4995EC20", 35, ProxyDecodeError.V2Crc32CMismatch)] // the right one in the wrong byte order
    public void Decode_Fault_IsKnownAsSoonAsItCanBe(string rest, int known, ProxyDecodeError expected) =>
        AssertInvalid(Hex(Signature + rest), known, expected);

    [Theory]
    [InlineData(128, ProxyDecodeError.None)]
    [InlineData(129, ProxyDecodeError.V2UniqueIdTooLong)]
    public void Decode_UniqueId_Has128BytesAtMost(int length, ProxyDecodeError expected)
    {
        byte[] tlv = new byte[3 + length];
        tlv[0] = (byte)TlvType.UniqueId;
        tlv[2] = (byte)length;
        byte[] buffer = new byte[512];
        Assert.True(ProxyHeaderEncoder.TryWriteV2(buffer, End("192.0.2.1:1"), End("192.0.2.2:2"), tlv, out int written));
        ProxyHeaderDecoder.Decode(buffer.AsSpan(0, written), out _, out ProxyDecodeError error);
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Decode_UnknownTlvTypes_AreKept()
    {
        byte[] bytes = Hex(Signature + "21 11 0014" + Ends + "F80000 990002 ABCD");
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(bytes, out ProxyHeader header, out _));
        List<string> seen = [];
        foreach (Tlv tlv in header.Tlvs) seen.Add($"{(byte)tlv.Type:X2}:{Convert.ToHexString(tlv.Value)}");
        Assert.Equal(["F8:", "99:ABCD"], seen);
    }

    [Fact]
    public void Decode_LongestHeader_IsWholeAtItsLastByte()
    {
        byte[] buffer = new byte[ProxyHeaderEncoder.MaxV2Length];
        TlvWriter tlvs = new(new byte[ushort.MaxValue]);
        Assert.True(tlvs.TryPadTo(ushort.MaxValue - 36));
        Assert.True(ProxyHeaderEncoder.TryWriteV2(buffer, End("[::1]:1"), End("[::2]:2"), tlvs.Bytes, out int written));
        Assert.Equal(ProxyHeaderEncoder.MaxV2Length, written);
        Assert.Equal(ProxyDecodeStatus.NeedMore, ProxyHeaderDecoder.Decode(buffer.AsSpan(0, written - 1), out _, out _));
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(buffer, out ProxyHeader header, out _));
        Assert.Equal(written, header.Length);
    }

    [Theory]
    [InlineData("", 15)]
    [InlineData("50", 15)] // P
    [InlineData("50524F585920", 15)] // PROXY and a space
    [InlineData("0D", 16)]
    [InlineData(Signature, 16)]
    [InlineData(Signature + "21 11 00", 16)]
    [InlineData(Signature + "21 11 000C", 28)]
    [InlineData(Signature + "20 00 FFFF", 65551)]
    [InlineData("47", 0)] // G
    public void GetMinLength_FirstBytes_TakesNoPayload(string bytes, int expected) =>
        Assert.Equal(expected, ProxyHeaderDecoder.GetMinLength(Hex(bytes)));

    [Theory]
    [InlineData("PROXY UNKNOWN", 15)]
    [InlineData("PROXY UNKNOWN\\r", 15)]
    [InlineData("PROXY UNKNOWN\\r\\nGET /", 15)]
    [InlineData("PROXY UNKNOWN abc", 19)]
    [InlineData("PROXY UNKNOWN abc\\r", 19)]
    [InlineData("PROXY UNKNOWN abc\\r\\nGET /", 19)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\\r\\nGET /", 32)]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\\nGET /", 0)]
    public void GetMinLength_Line_TakesNoPayload(string line, int expected) =>
        Assert.Equal(expected, ProxyHeaderDecoder.GetMinLength(Line(line)));

    [Fact]
    public void ToText_EveryError_HasItsOwn()
    {
        ProxyDecodeError[] errors = Enum.GetValues<ProxyDecodeError>();
        Assert.Equal(errors.Length, errors.Select(error => error.ToText()).Distinct().Count());
        Assert.DoesNotContain("an unknown fault", errors.Select(error => error.ToText()));
        Assert.Equal("an unknown fault", ((ProxyDecodeError)255).ToText());
    }

    private static void AssertInvalid(byte[] bytes, int known, ProxyDecodeError expected)
    {
        for (int length = 0; length <= bytes.Length; length++)
        {
            ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(bytes.AsSpan(0, length), out ProxyHeader header,
                out ProxyDecodeError error);
            Assert.Equal(0, header.Length);
            Assert.True((length < known ? ProxyDecodeStatus.NeedMore : ProxyDecodeStatus.Invalid) == status,
                $"{status} after {length} bytes");
            Assert.Equal(length < known ? ProxyDecodeError.None : expected, error);
        }
    }
}
