using System.Runtime.CompilerServices;

namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>Encoding and decoding allocate nothing: not one byte in many thousand rounds, counted on this thread.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 20_000;
    private static readonly InetEndPoint IPv4 = InetEndPoint.FromIPv4(0xC0000201, 56324);
    private static readonly InetEndPoint IPv6 = InetEndPoint.FromIPv6(new UInt128(0x20010DB8_00000000, 1), 443);
    private static readonly System.Net.IPEndPoint Mapped = new(System.Net.IPAddress.Parse("::ffff:192.0.2.1"), 80);

    private static object? s_kept;

    [Fact]
    public void Codec_ManyRounds_AllocatesNothing() => Assert.Equal(0, Measure(RoundTrip));

    [Fact]
    public void Decode_EveryFault_AllocatesNothing() => Assert.Equal(0, Measure(Fail));

    /// <summary>The measurement itself can fail.</summary>
    [Fact]
    public void Measure_OneObjectInAllRounds_IsSeen()
    {
        int round = 0;
        Assert.NotEqual(0, Measure(() =>
        {
            if (++round == Rounds + Rounds / 2) s_kept = new object();
        }));
        Assert.NotNull(s_kept);
    }

    private static long Measure(Action round)
    {
        // The first rounds pay for what the runtime sets up once.
        for (int i = 0; i < Rounds; i++) round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++) round();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void RoundTrip()
    {
        Span<byte> buffer = stackalloc byte[512];
        Span<byte> block = stackalloc byte[128];
        TlvWriter tlvs = new(block);
        tlvs.TryAdd(TlvType.Authority, "mail.example"u8);
        tlvs.TryAddSsl(SslClientFlags.Ssl, 0, default);
        tlvs.TryPadTo(64);

        ProxyHeaderEncoder.TryWriteV1(buffer, IPv4, IPv4, out int written);
        Read(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV1(buffer, IPv6, IPv4, out written);
        Read(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV1(buffer[..60], IPv4, IPv4, out written);
        Read(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV1Unknown(buffer, out written);
        Read(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV2(buffer, IPv4, IPv4, tlvs.Bytes, out written);
        Read(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV2(buffer, IPv6, InetEndPoint.FromIPEndPoint(Mapped), default, out written);
        Read(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV2WithCrc32C(buffer, IPv4, IPv6, tlvs.Bytes, out written);
        Read(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV2Unix(buffer, "/a"u8, "/b"u8, tlvs.Bytes, out written);
        Read(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV2Local(buffer, tlvs.Bytes, out written);
        Read(buffer[..written]);
        IPv6.TryFormat(buffer, out written);
        InetEndPoint.TryParse(buffer[..written], out InetEndPoint again);
        if (again != IPv6 || again.GetHashCode() != IPv6.GetHashCode()) throw new InvalidOperationException();
    }

    private static void Read(ReadOnlySpan<byte> bytes)
    {
        // Whole, and every fourth prefix.
        for (int length = bytes.Length % 4; length <= bytes.Length; length += 4)
        {
            ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(bytes[..length], out ProxyHeader header, out _);
            if (status != (length == bytes.Length ? ProxyDecodeStatus.Complete : ProxyDecodeStatus.NeedMore))
                throw new InvalidOperationException();
            if (ProxyHeaderDecoder.GetMinLength(bytes[..length]) < length) throw new InvalidOperationException();
            foreach (Tlv tlv in header.Tlvs)
                if (tlv.Type == TlvType.Ssl && !SslTlv.TryParse(tlv.Value, out _)) throw new InvalidOperationException();
        }
    }

    private static void Fail()
    {
        Refuse("GET / HTTP/1.1\r\n"u8);
        Refuse("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"u8);
        Refuse("PROXY TCP6 1::2::3 ::1 1 2\r\n"u8);
        Refuse("\r\n\r\n\0\r\nQUIT\n\u0031\u0011\0\0"u8);
        Refuse("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\0"u8);
        Refuse("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000Daaaabbbbccddx"u8);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Refuse(ReadOnlySpan<byte> bytes)
    {
        if (ProxyHeaderDecoder.Decode(bytes, out _, out ProxyDecodeError error) != ProxyDecodeStatus.Invalid || error.ToText().Length == 0)
            throw new InvalidOperationException();
    }
}
