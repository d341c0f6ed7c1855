using BenchmarkDotNet.Attributes;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// The checksum over a block: the size of a header over IPv4 with its checksum, one of many TLVs, and the longest there is. One thread; it
/// owns its bytes.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class Crc32CBenchmarks
{
    /// <summary>16 bytes before the block, and a block as long as its length field can say.</summary>
    private const int HeaderBytesMax = 16 + ushort.MaxValue;

    private byte[] _bytes = [];

    [Params(35, 512, HeaderBytesMax)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bytes = new byte[Bytes];
        new Random(1).NextBytes(_bytes);
    }

    [Benchmark]
    public uint Compute() => Crc32C.Finish(Crc32C.Add(Crc32C.Seed, _bytes));
}
