using BenchmarkDotNet.Attributes;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// The header codec: what one connection pays for its header. Everything must show no allocation. One thread; it owns its buffers.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class HeaderBenchmarks
{
    private readonly byte[] _buffer = new byte[512];
    private readonly InetEndPoint _client4 = InetEndPoint.FromIPv4(0xC0000201, 56324);
    private readonly InetEndPoint _target4 = InetEndPoint.FromIPv4(0xC6336402, 443);
    private readonly InetEndPoint _client6 = InetEndPoint.FromIPv6(new UInt128(0x20010DB8_00000000, 1), 56324);
    private readonly InetEndPoint _target6 = InetEndPoint.FromIPv6(new UInt128(0x20010DB8_00000000, 2), 443);
    private byte[] _tlvs = [];
    private byte[] _line4 = [];
    private byte[] _line6 = [];
    private byte[] _header4 = [];
    private byte[] _header6 = [];
    private byte[] _headerTlvs = [];
    private byte[] _headerCrc32C = [];

    [GlobalSetup]
    public void Setup()
    {
        TlvWriter tlvs = new(new byte[128]);
        tlvs.TryAdd(TlvType.Alpn, "h2"u8);
        tlvs.TryAdd(TlvType.Authority, "mail.example"u8);
        tlvs.TryAdd(TlvType.UniqueId, "0123456789abcdef"u8);
        tlvs.TryAddNoop(29);
        _tlvs = tlvs.Bytes.ToArray();

        _line4 = _buffer[..WriteV1OverIPv4()];
        _line6 = _buffer[..WriteV1OverIPv6()];
        _header4 = _buffer[..WriteV2OverIPv4()];
        _header6 = _buffer[..WriteV2OverIPv6()];
        _headerTlvs = _buffer[..WriteV2WithTlvs()];
        _headerCrc32C = _buffer[..WriteV2WithCrc32C()];
    }

    [Benchmark]
    public int WriteV1OverIPv4()
    {
        ProxyHeaderEncoder.TryWriteV1(_buffer, _client4, _target4, out int written);
        return written;
    }

    [Benchmark]
    public int WriteV1OverIPv6()
    {
        ProxyHeaderEncoder.TryWriteV1(_buffer, _client6, _target6, out int written);
        return written;
    }

    [Benchmark(Baseline = true)]
    public int WriteV2OverIPv4()
    {
        ProxyHeaderEncoder.TryWriteV2(_buffer, _client4, _target4, default, out int written);
        return written;
    }

    [Benchmark]
    public int WriteV2OverIPv6()
    {
        ProxyHeaderEncoder.TryWriteV2(_buffer, _client6, _target6, default, out int written);
        return written;
    }

    [Benchmark]
    public int WriteV2WithTlvs()
    {
        ProxyHeaderEncoder.TryWriteV2(_buffer, _client4, _target4, _tlvs, out int written);
        return written;
    }

    [Benchmark]
    public int WriteV2WithCrc32C()
    {
        ProxyHeaderEncoder.TryWriteV2WithCrc32C(_buffer, _client4, _target4, _tlvs, out int written);
        return written;
    }

    [Benchmark]
    public int DecodeV1OverIPv4() => Decode(_line4);

    [Benchmark]
    public int DecodeV1OverIPv6() => Decode(_line6);

    [Benchmark]
    public int DecodeV2OverIPv4() => Decode(_header4);

    [Benchmark]
    public int DecodeV2OverIPv6() => Decode(_header6);

    [Benchmark]
    public int DecodeV2WithTlvs() => Decode(_headerTlvs);

    [Benchmark]
    public int DecodeV2WithCrc32C() => Decode(_headerCrc32C);

    [Benchmark]
    public Crc32COutcome VerifyCrc32C() => ProxyHeaderDecoder.VerifyCrc32C(_headerCrc32C);

    private static int Decode(byte[] bytes)
    {
        ProxyHeaderDecoder.Decode(bytes, out ProxyHeader header, out _);
        return header.Length;
    }
}
