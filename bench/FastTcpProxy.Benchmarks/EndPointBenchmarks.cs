using System.Net;
using BenchmarkDotNet.Attributes;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>Ends of connections: taking one over from a socket, writing and reading its text. One thread; it owns its buffer.</summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class EndPointBenchmarks
{
    private readonly byte[] _text = new byte[InetEndPoint.MaxTextLength];
    private readonly IPEndPoint _framework = new(IPAddress.Parse("::ffff:192.0.2.1"), 56324);
    private readonly InetEndPoint _ipv4 = InetEndPoint.FromIPv4(0xC0000201, 56324);
    private readonly InetEndPoint _ipv6 = InetEndPoint.FromIPv6(new UInt128(0x20010DB8_00000000, 1), 443);

    [Benchmark]
    public InetEndPoint FromIPEndPoint() => InetEndPoint.FromIPEndPoint(_framework);

    [Benchmark]
    public int FormatIPv4()
    {
        _ipv4.TryFormat(_text, out int written);
        return written;
    }

    [Benchmark]
    public int FormatIPv6()
    {
        _ipv6.TryFormat(_text, out int written);
        return written;
    }

    [Benchmark]
    public ushort ParseIPv6()
    {
        InetEndPoint.TryParse("[2001:db8::1]:443"u8, out InetEndPoint end);
        return end.Port;
    }
}
