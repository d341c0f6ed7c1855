using System.Text;
using static FastTcpProxy.ProxyProtocol.Tests.TestEnds;

namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>TLVs: the bytes that are written, the limits, and what is read from them (specification 2.2.1 to 2.2.8).</summary>
public sealed class TlvTests
{
    [Fact]
    public void TlvWriter_EachKind_GivesTheBytes()
    {
        TlvWriter nested = new(new byte[64]);
        Assert.True(nested.TryAdd(TlvType.SslVersion, "TLSv1.3"u8));
        Assert.True(nested.TryAdd(TlvType.SslCn, "a"u8));
        TlvWriter tlvs = new(new byte[256]);
        Assert.True(tlvs.TryAdd(TlvType.Alpn, "h2"u8));
        Assert.True(tlvs.TryAdd(TlvType.Authority, "a.example"u8));
        Assert.True(tlvs.TryAdd(TlvType.UniqueId, default));
        Assert.True(tlvs.TryAddSsl(SslClientFlags.Ssl | SslClientFlags.CertificateOnConnection, 1, nested.Bytes));
        Assert.True(tlvs.TryAdd(TlvType.NetNs, "blue"u8));
        Assert.True(tlvs.TryAdd((TlvType)0xE7, "x"u8));
        Assert.True(tlvs.TryAddNoop(2));
        Assert.Equal(
            Convert.ToHexString(Hex(
                "010002 6832 020009 612E6578616D706C65 050000 200013 03 00000001 210007 544C5376312E33 220001 61 300004 "
                + "626C7565 E70001 78 040002 0000")),
            Convert.ToHexString(tlvs.Bytes));
        Assert.True(new TlvReader(tlvs.Bytes).IsWellFormed);
        Assert.True(new TlvReader(tlvs.Bytes).TryFind(TlvType.Authority, out ReadOnlySpan<byte> authority));
        Assert.Equal("a.example", Encoding.ASCII.GetString(authority));
        Assert.False(new TlvReader(tlvs.Bytes).TryFind(TlvType.Aws, out _));
    }

    [Fact]
    public void TlvWriter_WhatDoesNotFit_LeavesTheBlockAsItWas()
    {
        TlvWriter tlvs = new(new byte[8]);
        Assert.True(tlvs.TryAdd(TlvType.Alpn, "h2"u8));
        Assert.False(tlvs.TryAdd(TlvType.Alpn, "h"u8));
        Assert.False(tlvs.TryAddNoop(1));
        Assert.False(tlvs.TryAddNoop(-1));
        Assert.False(tlvs.TryAddSsl(SslClientFlags.Ssl, 0, default));
        Assert.Equal("0100026832", Convert.ToHexString(tlvs.Bytes));
        Assert.True(tlvs.TryAddNoop(0));
        Assert.Equal(8, tlvs.Length);
    }

    [Fact]
    public void TlvWriter_ForbiddenContent_IsRefused()
    {
        TlvWriter tlvs = new(new byte[512]);
        Assert.False(tlvs.TryAdd(TlvType.Crc32C, new byte[4]));
        Assert.False(tlvs.TryAdd(TlvType.UniqueId, new byte[129]));
        Assert.False(tlvs.TryAddSsl(SslClientFlags.Ssl, 0, Hex("210002 61")));
        Assert.Equal(0, tlvs.Length);
        Assert.True(tlvs.TryAdd(TlvType.UniqueId, new byte[128]));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void TlvWriter_TryPadTo_IsExactOrRefused(int length, bool possible)
    {
        TlvWriter tlvs = new(new byte[100]);
        Assert.True(tlvs.TryAdd(TlvType.Alpn, "h2"u8));
        Assert.Equal(possible, tlvs.TryPadTo(length));
        Assert.Equal(possible ? length : 5, tlvs.Length);
        Assert.True(new TlvReader(tlvs.Bytes).IsWellFormed);
    }

    [Fact]
    public void TlvWriter_LargeBuffer_EndsAtTheLengthField()
    {
        TlvWriter tlvs = new(new byte[100_000]);
        Assert.False(tlvs.TryAdd(TlvType.Noop, new byte[65_533]));
        Assert.True(tlvs.TryAdd(TlvType.Noop, new byte[65_532]));
        Assert.Equal(65_535, tlvs.Length);
        Assert.False(tlvs.TryAddNoop(0));
    }

    [Fact]
    public void TryWriteV2_BlockOverTheLengthField_IsRefused()
    {
        byte[] buffer = new byte[200_000];
        Assert.True(ProxyHeaderEncoder.TryWriteV2(buffer, End("192.0.2.1:1"), End("192.0.2.2:2"), new byte[65_535 - 12], out int written));
        Assert.Equal(ProxyHeaderEncoder.MaxV2Length, written);
        Assert.False(ProxyHeaderEncoder.TryWriteV2(buffer, End("192.0.2.1:1"), End("192.0.2.2:2"), new byte[65_535 - 11], out written));
        Assert.Equal(0, written);
        Assert.False(ProxyHeaderEncoder.TryWriteV2(buffer, End("[::1]:1"), End("192.0.2.2:2"), new byte[65_535 - 35], out written));
        Assert.False(ProxyHeaderEncoder.TryWriteV2(buffer, default, default, new byte[65_536], out written));
        Assert.False(ProxyHeaderEncoder.TryWriteV2Local(buffer, new byte[65_536], out written));
        Assert.False(ProxyHeaderEncoder.TryWriteV2Unix(buffer, default, default, new byte[65_535 - 215], out written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void TryWriteV2_UndefinedTransport_IsRefused()
    {
        byte[] buffer = new byte[256];
        Assert.False(ProxyHeaderEncoder.TryWriteV2(buffer, End("192.0.2.1:1"), End("192.0.2.2:2"), default, out int written,
            (ProxyTransport)3));
        Assert.False(ProxyHeaderEncoder.TryWriteV2Unix(buffer, default, default, default, out written, (ProxyTransport)16));
        Assert.Equal(0, written);
    }

    [Fact]
    public void TryAppendCrc32C_WhatCannotTakeIt_IsRefusedAndLeftAlone()
    {
        byte[] buffer = new byte[80_000];
        Assert.True(ProxyHeaderEncoder.TryWriteV2WithCrc32C(buffer, End("192.0.2.1:1"), End("192.0.2.2:2"), default, out int length));
        byte[] before = buffer[..64];
        Assert.False(ProxyHeaderEncoder.TryAppendCrc32C(buffer, length, out int written)); // it has one
        Assert.False(ProxyHeaderEncoder.TryAppendCrc32C(buffer, length - 1, out written)); // not its length
        Assert.False(ProxyHeaderEncoder.TryAppendCrc32C(buffer, -1, out written));
        Assert.Equal(before, buffer[..64]);

        Assert.True(ProxyHeaderEncoder.TryWriteV2Local(buffer, new byte[65_535 - 6], out length));
        Assert.False(ProxyHeaderEncoder.TryAppendCrc32C(buffer, length, out written)); // past the length field
        Assert.Equal(0, written);
        Assert.True(ProxyHeaderEncoder.TryWriteV1Unknown(buffer, out length));
        Assert.False(ProxyHeaderEncoder.TryAppendCrc32C(buffer, length + 1, out written)); // version 1
    }

    [Fact]
    public void TryAppendCrc32C_LocalHeader_Verifies()
    {
        byte[] buffer = new byte[64];
        Assert.True(ProxyHeaderEncoder.TryWriteV2Local(buffer, default, out int length));
        Assert.True(ProxyHeaderEncoder.TryAppendCrc32C(buffer, length, out length));
        Assert.Equal(Convert.ToHexString(Hex(Signature + "20 00 0007 030004 A9B87E8F")), Convert.ToHexString(buffer, 0, length));
        Assert.Equal(Crc32COutcome.Match, ProxyHeaderDecoder.VerifyCrc32C(buffer.AsSpan(0, length)));
    }

    [Theory]
    [InlineData("21 11 000C C0000201 C6336402 DC04 01BB", Crc32COutcome.Absent)]
    [InlineData("21 11 0013 C0000201 C6336402 DC04 01BB 030004 20EC9549", Crc32COutcome.Match)]
    [InlineData("21 11 0013 C0000201 C6336402 DC04 01BB 030004 20EC9549 474554", Crc32COutcome.Match)]
    [InlineData("21 11 0013 C0000201 C6336402 DC04 01BB 030004 00000000", Crc32COutcome.Mismatch)]
    [InlineData("21 11 0013 C0000201 C6336402 DC04 01BB 030004 20EC95", Crc32COutcome.Absent)] // not whole
    [InlineData("21 11 0012 C0000201 C6336402 DC04 01BB 030003 000000", Crc32COutcome.Malformed)]
    [InlineData("21 00 000E 030004 00000000 030004 00000000", Crc32COutcome.Malformed)]
    [InlineData("21 00 0003 030004", Crc32COutcome.Absent)]
    [InlineData("21 11 0003 030004", Crc32COutcome.Absent)]
    public void VerifyCrc32C_Header_GivesTheOutcome(string rest, Crc32COutcome expected) =>
        Assert.Equal(expected, ProxyHeaderDecoder.VerifyCrc32C(Hex(Signature + rest)));

    [Fact]
    public void Crc32C_KnownVectors_Match()
    {
        // The check value of the polynomial, and the vectors of RFC 3720, B.4.
        Assert.Equal(0xE3069283u, Crc32C.Finish(Crc32C.Add(Crc32C.Seed, "123456789"u8)));
        Assert.Equal(0x8A9136AAu, Crc32C.Finish(Crc32C.Add(Crc32C.Seed, new byte[32])));
        byte[] ones = new byte[32];
        ones.AsSpan().Fill(0xFF);
        Assert.Equal(0x62A8AB43u, Crc32C.Finish(Crc32C.Add(Crc32C.Seed, ones)));
        byte[] ascending = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        Assert.Equal(0x46DD794Eu, Crc32C.Finish(Crc32C.Add(Crc32C.Seed, ascending)));
    }

    [Fact]
    public void SslTlv_Value_IsRead()
    {
        Assert.True(SslTlv.TryParse(Hex("07 00000012 210007 544C5376312E33 220001 61"), out SslTlv ssl));
        Assert.Equal(SslClientFlags.Ssl | SslClientFlags.CertificateOnConnection | SslClientFlags.CertificateInSession, ssl.Client);
        Assert.Equal(0x12u, ssl.Verify);
        Assert.True(ssl.SubTlvs.TryFind(TlvType.SslVersion, out ReadOnlySpan<byte> version));
        Assert.Equal("TLSv1.3", Encoding.ASCII.GetString(version));
        Assert.True(SslTlv.TryParse(new byte[5], out _));
        Assert.False(SslTlv.TryParse(new byte[4], out _));
        Assert.False(SslTlv.TryParse(Hex("01 00000000 210002 61"), out _));
    }

    [Fact]
    public void VendorTlv_Values_AreRead()
    {
        Assert.True(VendorTlv.TryGetAwsVpcEndpointId([1, .. "vpce-0123"u8], out ReadOnlySpan<byte> id));
        Assert.Equal("vpce-0123", Encoding.ASCII.GetString(id));
        Assert.False(VendorTlv.TryGetAwsVpcEndpointId([2, .. "vpce-0123"u8], out _));
        Assert.False(VendorTlv.TryGetAwsVpcEndpointId([1], out _));
        Assert.True(VendorTlv.TryGetAzureLinkId(Hex("01 78563412"), out uint link));
        Assert.Equal(0x12345678u, link);
        Assert.False(VendorTlv.TryGetAzureLinkId(Hex("02 78563412"), out _));
        Assert.False(VendorTlv.TryGetAzureLinkId(Hex("01 785634"), out _));
        Assert.True(VendorTlv.TryGetGcpPscConnectionId(Hex("0102030405060708"), out ulong psc));
        Assert.Equal(0x0102030405060708ul, psc);
        Assert.False(VendorTlv.TryGetGcpPscConnectionId(Hex("01020304050607"), out _));
    }
}
