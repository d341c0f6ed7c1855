using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Tests.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// One step of the relay without a kernel: a message comes, is read, and is sent; whole, or in part with the rest put aside until the
/// target has taken it. One thread; it owns the pool, the streams and the direction.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class RelayBenchmarks
{
    private readonly SlabBufferPool _buffers = new(new BufferBudget(BufferBudget.BytesMinPerLoop));
    private readonly RelayDirection _direction = new();
    private SteadyStream? _source;
    private SteadyStream? _target;

    /// <summary>A message of a talk, one that a medium buffer holds, and one that fills the window.</summary>
    [Params(100, 60_000, 200_000)]
    public int MessageBytes { get; set; }

    /// <summary>What the target takes at once: all, or none but a byte.</summary>
    [Params(int.MaxValue, 1)]
    public int TakesBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _source = new SteadyStream(_buffers) { MessageBytes = MessageBytes };
        _target = new SteadyStream(_buffers) { TakesBytes = TakesBytes };
        _direction.Open(_source, _target, _buffers.Shares.Open(), new PipePool(SpliceTerms.Measured), waitsFirst: true);
    }

    [Benchmark]
    public long Message()
    {
        _source!.Arrive();
        _direction.OnReadable(SocketError.Success);
        Pump();
        while (_target!.IsSending)
        {
            _target.CompleteSend();
            _direction.OnSent(SocketError.Success);
            Pump();
        }
        return _direction.Bytes;
    }

    private void Pump()
    {
        if (_direction.Pump() != PumpResult.Waiting) throw new InvalidOperationException("the direction is over");
    }
}
