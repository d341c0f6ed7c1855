using System.Net.Sockets;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>What is done for every message and every timer allocates nothing: not a byte over thousands of turns.</summary>
public sealed class RelayAllocationTests
{
    private const int Turns = 10_000;

    [Fact]
    public void AllocatedBytes_CodeThatAllocates_IsFound() => Assert.NotEqual(0, AllocatedBytes.LeastOf(() => GC.KeepAlive(new object())));

    [Theory]
    [InlineData(1000, int.MaxValue, false)]
    [InlineData(1000, 300, false)]
    [InlineData(60_000, 1, false)]
    [InlineData(200_000, int.MaxValue, false)]
    [InlineData(200_000, int.MaxValue, true)]
    [InlineData(200_000, 150_000, true)]
    public void Pump_Steady_AllocatesNothing(int messageBytes, int takesBytes, bool hasPipe)
    {
        EventLoop loop = new(0, TimeProvider.System, new SlabBufferPool(new BufferBudget(64 << 20)), MetricsRegistry.Small().Loops[0],
            new PoolDriver(new BackgroundWork()));
        PipePool pipes = new(SpliceTerms.Measured, hasPipe ? [new SteadyPipe(loop.Metrics)] : []);
        Message message = new(loop.Buffers, pipes, messageBytes, takesBytes);
        for (int i = 0; i < 200; i++) loop.Dispatch(message);
        Assert.Equal(0, AllocatedBytes.LeastOf(() =>
        {
            for (int i = 0; i < Turns; i++) loop.Dispatch(message);
        }));
        Assert.Equal(0, loop.Metrics.Counts.Faults);
        Assert.True(message.Sends >= Turns, $"{message.Sends} sends");
        Assert.Equal(hasPipe, loop.Metrics.Counts.BytesSpliced >= Turns * (long)Math.Min(messageBytes, takesBytes) / 2);
    }

    [Fact]
    public void TimerWheel_ScheduleFireCancel_AllocatesNothing()
    {
        TimerWheel wheel = new(MetricsRegistry.Small().Loops[0]);
        Timer[] timers = [.. Enumerable.Range(0, 100).Select(_ => new Timer())];
        long nowMs = 0;
        Assert.Equal(0, AllocatedBytes.LeastOf(() =>
        {
            for (int i = 0; i < 1_000; i++) Turn();
        }));
        Assert.True(timers[0].Fired > 0);

        void Turn()
        {
            for (int i = 0; i < timers.Length; i++) wheel.Schedule(timers[i], nowMs + i * 7);
            wheel.Cancel(timers[99]);
            wheel.Advance(nowMs += 700);
        }
    }

    private sealed class Timer : TimerNode
    {
        public int Fired { get; private set; }

        public override void OnTimer() => Fired++;

        public override void OnFault(Exception fault) => throw fault;
    }

    /// <summary>A message comes, is read, and is sent, the rest of it later.</summary>
    private sealed class Message : ILoopItem
    {
        private readonly SteadyStream _source;
        private readonly SteadyStream _target;
        private readonly RelayDirection _direction = new();
        private bool _opened;

        public Message(BufferPool buffers, PipePool pipes, int messageBytes, int takesBytes)
        {
            _source = new SteadyStream(buffers) { MessageBytes = messageBytes };
            _target = new SteadyStream(buffers) { TakesBytes = takesBytes };
            _direction.Open(_source, _target, buffers.Shares.Open(), pipes);
        }

        public long Sends => _target.Sends;

        public ILoopItem? NextQueued { get; set; }

        public void Run()
        {
            _source.Arrive();
            if (_opened) _direction.OnReadable(SocketError.Success);
            _opened = true;
            Pump();
            while (_target.IsSending)
            {
                _target.CompleteSend();
                _direction.OnSent(SocketError.Success);
                Pump();
            }
        }

        public void OnFault(Exception fault)
        {
        }

        private void Pump()
        {
            if (_direction.Pump() != PumpResult.Waiting) throw new InvalidOperationException("the direction is over");
        }
    }
}
