using CsCheck;
using FastTcpProxy.ProxyProtocol.Fuzz;

namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>
/// What holds for all inputs: by generated ends and TLVs, by random bytes, and by damaged headers. CsCheck prints the seed of a failure.
/// </summary>
public sealed class CodecPropertyTests
{
    private static readonly Gen<ProxyTransport> Transports =
        Gen.Bool.Select(stream => stream ? ProxyTransport.Stream : ProxyTransport.Datagram);

    // CRC32C is the encoder's, and a UNIQUE_ID has a limit: neither is in what a caller may add freely.
    private static readonly Gen<(byte Type, byte[] Value)[]> Tlvs =
        Gen.Select(Gen.Byte.Where(type => type is not (3 or 5)), Gen.Byte.Array[0, 40]).Array[0, 6];

    [Fact]
    public void V1_EncodedEnds_DecodeToTheSame() =>
        Gen.Select(InetEndPointTests.Ends(), InetEndPointTests.Ends()).Sample((source, target) =>
    {
        byte[] buffer = new byte[ProxyHeaderEncoder.MaxV1Length];
        Assert.True(ProxyHeaderEncoder.TryWriteV1(buffer, source, target, out int written));
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(buffer.AsSpan(0, written), out ProxyHeader header, out _));
        (source, target) = Unify(source, target);
        Assert.Equal((source, target, written), (header.Source, header.Destination, header.Length));
        DecoderInvariants.Check(buffer.AsSpan(0, written));
    });

    [Fact]
    public void V2_EncodedEndsAndTlvs_DecodeToTheSame() =>
        Gen.Select(InetEndPointTests.Ends(), InetEndPointTests.Ends(), Transports, Tlvs,
            Gen.Bool).Sample((source, target, transport, tlvs, crc32C) =>
        {
            TlvWriter writer = new(new byte[1024]);
            foreach ((byte type, byte[] value) in tlvs) Assert.True(writer.TryAdd((TlvType)type, value));
            byte[] buffer = new byte[1024];
            int written;
            Assert.True(crc32C
                ? ProxyHeaderEncoder.TryWriteV2WithCrc32C(buffer, source, target, writer.Bytes, out written, transport)
                : ProxyHeaderEncoder.TryWriteV2(buffer, source, target, writer.Bytes, out written, transport));

            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, written);
            Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(bytes, out ProxyHeader header, out _));
            Assert.Equal(Unify(source, target), (header.Source, header.Destination));
            Assert.Equal((transport, ProxyCommand.Proxy, written), (header.Transport, header.Command, header.Length));
            Assert.Equal(crc32C ? Crc32COutcome.Match : Crc32COutcome.Absent, ProxyHeaderDecoder.VerifyCrc32C(bytes));
            int index = 0;
            foreach (Tlv tlv in header.Tlvs)
            {
                if (index == tlvs.Length) Assert.Equal(TlvType.Crc32C, tlv.Type);
                else Assert.Equal((tlvs[index].Type, Convert.ToHexString(tlvs[index].Value)),
                    ((byte)tlv.Type, Convert.ToHexString(tlv.Value)));
                index++;
            }

            Assert.Equal(tlvs.Length + (crc32C ? 1 : 0), index);
            DecoderInvariants.Check(bytes);
        });

    [Fact]
    public void V2_OneBitFlippedUnderCrc32C_IsNeverTakenForTheSame() =>
        Gen.Select(InetEndPointTests.Ends(), InetEndPointTests.Ends(), Gen.UInt).Sample((source, target, position) =>
        {
            byte[] buffer = new byte[256];
            Assert.True(ProxyHeaderEncoder.TryWriteV2WithCrc32C(buffer, source, target, default, out int written));
            byte[] damaged = buffer[..written];
            // Past the first 16 bytes: there a flip may make LOCAL of it, or a length that wants more.
            int bit = (int)(position % (uint)((written - 16) * 8));
            damaged[16 + bit / 8] ^= (byte)(1 << bit % 8);
            ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(damaged, out ProxyHeader header, out ProxyDecodeError error);
            // A flip in the TLV's type makes an unknown one of it, which is skipped; all others are found.
            bool typeFlipped = bit / 8 == written - 16 - ProxyHeaderEncoder.Crc32CTlvLength;
            Assert.Equal(typeFlipped ? ProxyDecodeStatus.Complete : ProxyDecodeStatus.Invalid, status);
            Assert.True(typeFlipped == (error == ProxyDecodeError.None));
        });

    [Fact]
    public void Decode_RandomBytes_KeepsItsPromises() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        CheckBesideTheGuard(bytes);
        CheckBesideTheGuard([.. "PROXY TCP4 "u8, .. bytes]);
        CheckBesideTheGuard([.. "PROXY TCP6 "u8, .. bytes]);
        CheckBesideTheGuard([.. V2Format.Signature, 0x21, 0x11, 0x00, (byte)bytes.Length, .. bytes]);
        CheckBesideTheGuard([.. V2Format.Signature, .. bytes]);
    });

    [Fact]
    public void Decode_LinesOfTellingCharacters_KeepsItsPromises() =>
        Gen.Char["0129.:af \r\n"].Array[0, 100]
        .Sample(text => CheckBesideTheGuard([.. "PROXY TCP6 "u8, .. text.Select(character => (byte)character)]));

    [Theory]
    [InlineData(1)]
    [InlineData(20261)]
    public void Decode_MutatedHeaders_KeepsItsPromises(int seed)
    {
        Mutator mutator = new(seed);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] input = mutator.Next();
            try
            {
                CheckBesideTheGuard(input);
            }
            catch (InvariantException broken)
            {
                Assert.Fail($"seed {seed}, input {i}: {Convert.ToHexString(input)}: {broken.Message}");
            }
        }
    }

    [Fact]
    public void Encode_BesideTheGuard_WritesNothingOutside()
    {
        InetEndPoint source = InetEndPoint.FromIPv6(UInt128.MaxValue, 65535);
        InetEndPoint target = InetEndPoint.FromIPv4(uint.MaxValue, 65535);
        using GuardedMemory memory = new();
        for (int length = 0; length <= 300; length++)
        {
            Span<byte> end = memory.End(length);
            ProxyHeaderEncoder.TryWriteV1(end, source, source, out int written);
            Assert.Equal(length >= 104 ? 104 : 0, written);
            ProxyHeaderEncoder.TryWriteV1(end, target, target, out written);
            Assert.Equal(length >= 56 ? 56 : 0, written);
            ProxyHeaderEncoder.TryWriteV2(end, target, target, "\x04\0\0"u8, out written);
            Assert.Equal(length >= 31 ? 31 : 0, written);
            ProxyHeaderEncoder.TryWriteV2WithCrc32C(end, source, target, default, out written);
            Assert.Equal(length >= 59 ? 59 : 0, written);
            ProxyHeaderEncoder.TryWriteV2Unix(end, "/a"u8, "/b"u8, default, out written);
            Assert.Equal(length >= 232 ? 232 : 0, written);
        }
    }

    private static (InetEndPoint Source, InetEndPoint Target) Unify(InetEndPoint source, InetEndPoint target) =>
        source.Family == target.Family ? (source, target) : (source.MapToIPv6(), target.MapToIPv6());

    // Reading one byte too far ends the test run with a fault of the processor, and cannot go unseen.
    private static void CheckBesideTheGuard(byte[] bytes)
    {
        using GuardedMemory memory = new();
        Span<byte> end = memory.End(bytes.Length);
        bytes.CopyTo(end);
        DecoderInvariants.Check(end);
    }
}
