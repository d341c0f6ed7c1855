using BenchmarkDotNet.Attributes;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// The TLVs of one header: four are written, walked, and looked for; the last one is the one that is found. One thread; it owns its
/// buffers.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class TlvBenchmarks
{
    private readonly byte[] _buffer = new byte[128];
    private byte[] _block = [];

    [GlobalSetup]
    public void Setup() => _block = _buffer[..Write()];

    [Benchmark(Baseline = true)]
    public int Write()
    {
        TlvWriter writer = new(_buffer);
        writer.TryAdd(TlvType.Alpn, "h2"u8);
        writer.TryAdd(TlvType.Authority, "mail.example"u8);
        writer.TryAddSsl(SslClientFlags.Ssl, verify: 0, subTlvs: default);
        writer.TryAdd(TlvType.UniqueId, "0123456789abcdef"u8);
        return writer.Length;
    }

    [Benchmark]
    public int Read()
    {
        int length = 0;
        foreach (Tlv tlv in new TlvReader(_block)) length += tlv.Value.Length;
        return length;
    }

    [Benchmark]
    public int Find() => new TlvReader(_block).TryFind(TlvType.UniqueId, out ReadOnlySpan<byte> value) ? value.Length : 0;

    [Benchmark]
    public bool IsWellFormed() => new TlvReader(_block).IsWellFormed;
}
