using System.Net.Sockets;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Memory;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>
/// The order of calls that a direction makes when it moves bytes through the pipe, and that the pipe is empty after each. The first byte is
/// always copied: it earns the credit.
/// </summary>
public sealed partial class RelaySpliceTests
{
    private readonly List<string> _log = [];
    private readonly LoopMetrics _metrics = MetricsRegistry.Small().Loops[0];
    private readonly DiagnosticBufferPool _buffers;
    private readonly ScriptedPipe _pipe;
    private readonly PipePool _pipes;
    private readonly ScriptedStream _source;
    private readonly ScriptedStream _target;
    private readonly RelayDirection _direction = new();

    public RelaySpliceTests()
    {
        _buffers = new DiagnosticBufferPool();
        _pipe = new ScriptedPipe(_metrics);
        // One byte is enough to begin splicing, and the one pipe is never kept.
        _pipes = new PipePool(new SpliceTerms(0, 1, 1 << 20, MovePolicy.WindowBytesMax), _pipe);
        _source = new ScriptedStream("source", _log, _buffers);
        _target = new ScriptedStream("target", _log, _buffers);
    }

    [Fact]
    public void Pump_CreditIsFull_BytesGoThroughThePipe()
    {
        OpenSplicing();
        _source.Gives("hello");
        Expect(PumpResult.Waiting, "source splices 5", "source waits: Pending", "target is spliced 5: 5");
        Assert.Equal("xhello", Sent);
        Assert.Equal((6, 5), (_direction.Bytes, _metrics.Counts.BytesSpliced));
    }

    [Fact]
    public void Pump_MoveFillsItsWindow_GoesOnWithoutAWaitAndAsksForMore()
    {
        OpenSplicing();
        const int First = MovePolicy.WindowBytesMin, Second = 2 * First;
        _source.Gives(new string('a', First)).Gives(new string('b', Second)).Gives("c");
        Expect(
            PumpResult.Waiting, $"source splices {First}", $"target is spliced {First}: {First}", $"source splices {Second}",
            $"target is spliced {Second}: {Second}",
            "source splices 1", "source waits: Pending", "target is spliced 1: 1");
    }

    [Fact]
    public void Pump_TargetTakesAPart_TheRestLeavesThePipeAndWaitsInAChunk()
    {
        OpenSplicing();
        _source.Gives("hello");
        _target.Sends.Enqueue((2, SocketError.Success));
        Expect(PumpResult.Waiting, "source splices 5", "source waits: Pending", "target is spliced 5: 2",
            "target sends a chunk of 3: Pending");
        Assert.Equal((0, 1, true), (_pipes.Rented, _buffers.Rented, _direction.IsBlocked));
        Assert.Equal((6, 2), (_direction.Bytes, _metrics.Counts.BytesSpliced));
        _target.CompleteChunk();
        _direction.OnSent(SocketError.Success);
        Assert.Equal("xhello", Sent);
        Assert.Equal(0, _buffers.Rented);
    }

    [Fact]
    public void Pump_TargetIsFull_TheWholeWaitsInAChunk()
    {
        OpenSplicing();
        _source.Gives("hello");
        _target.Sends.Enqueue((0, SocketError.WouldBlock));
        Expect(PumpResult.Waiting, "source splices 5", "source waits: Pending", "target is spliced 5: WouldBlock",
            "target sends a chunk of 5: Pending");
        Assert.Equal(0, _pipe.Bytes);
        _target.CompleteChunk();
    }

    [Fact]
    public void Pump_LargestMoveAndATargetThatTakesNothing_FitsIntoALargeBuffer()
    {
        OpenSplicing();
        int sent = 1;
        for (int window = MovePolicy.WindowBytesMin; window <= MovePolicy.WindowBytesMax; window *= 2)
        {
            _source.Gives(new string('a', window));
            _target.Sends.Enqueue(window < MovePolicy.WindowBytesMax ? (window, SocketError.Success) : (0, SocketError.WouldBlock));
            sent += window;
        }
        Assert.Equal(PumpResult.Waiting, Pump());
        Assert.Equal((sent, 0), (_target.Sent.Count, _pipes.Rented));
        _target.CompleteChunk();
    }

    [Theory]
    [InlineData(SocketError.Shutdown)]
    [InlineData(SocketError.ConnectionReset)]
    public void Pump_TargetBreaks_ThePipeIsEmptied(SocketError error)
    {
        OpenSplicing();
        _source.Gives("hello");
        _target.Sends.Enqueue((0, error));
        Expect(PumpResult.TargetFailed, "source splices 5", "source waits: Pending", $"target is spliced 5: {error}");
        Assert.Equal((0, 0, 0), (_pipe.Bytes, _pipes.Rented, _buffers.Rented));
    }

    [Fact]
    public void Pump_End_EndsTheTarget()
    {
        OpenSplicing();
        _source.Gives("hello").Ends().Waits.Enqueue(IoStatus.Done);
        Expect(PumpResult.Ended, "source splices 5", "source waits: Done", "target is spliced 5: 5", "source splices 0",
            "source receives 0", "target ends");
    }

    /// <summary>At the mark of urgent data splice(2) says so although bytes remain.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pump_SpliceFalselySaysNothing_AReceiveFindsTheRest(bool saysEnd)
    {
        OpenSplicing();
        _source.Gives("hello").Gives(" world").FalseSplices.Enqueue(False(saysEnd));
        Expect(
            PumpResult.Waiting, $"source splices falsely {(saysEnd ? "0" : "WouldBlock")}", "source receives 5", "source waits: Pending",
            "target sends 5: 5");
        // And it splices on.
        _direction.OnReadable(SocketError.Success);
        Expect(PumpResult.Waiting, "source splices 6", "source waits: Pending", "target is spliced 6: 6");
        Assert.Equal("xhello world", Sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pump_SpliceAndReceiveFindNothing_Waits(bool saysEnd)
    {
        OpenSplicing();
        _source.FalseSplices.Enqueue(False(saysEnd));
        Assert.Equal(PumpResult.Waiting, Pump());
        Assert.Equal(["source receives nothing", "source waits: Pending"], _log[1..]);
    }

    /// <summary>Every wait ends at once and every look finds nothing: the calls have an end, and so has each look that follows.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pump_SourceIsFalselyReadableAllTheTime_StopsToWaitAndAsksToBeLookedAt(bool saysEnd)
    {
        OpenSplicing();
        for (int i = 0; i < 1_000; i++)
        {
            _source.FalseSplices.Enqueue(False(saysEnd));
            _source.Waits.Enqueue(IoStatus.Done);
        }
        Expect(PumpResult.Misled, [$"source splices falsely {(saysEnd ? "0" : "WouldBlock")}", .. Fruitless()]);
        Expect(PumpResult.Misled);
        Assert.True(_direction.IsMisled);
        _direction.TakeProgress();
        _direction.PollAgain();
        Assert.Equal(PumpResult.Misled, Pump());
        Assert.Equal(["source receives nothing"], _log[1..]);
        Assert.False(_direction.TakeProgress());
        // It waits again when something has come.
        _log.Clear();
        _source.Waits.Clear();
        _source.Gives("hello");
        _direction.PollAgain();
        Assert.Equal(PumpResult.Waiting, Pump());
        Assert.Equal(["source receives 5", "source waits: Pending", "target sends 5: 5"], _log[1..]);
        Assert.Equal((true, false), (_direction.TakeProgress(), _direction.IsMisled));
    }

    [Fact]
    public void Pump_TargetTakesNothingThoughItHasRoom_TheRestIsSentPlainly()
    {
        OpenSplicing();
        _source.Gives("hello");
        _target.Sends.Enqueue((0, SocketError.Success));
        _target.ChunkSends.Enqueue(IoStatus.Done);
        Expect(PumpResult.Waiting, "source splices 5", "source waits: Pending", "target is spliced 5: 0",
            "target sends a chunk of 5: Done");
        Assert.Equal(("xhello", 0), (Sent, _pipes.Rented));
    }

    [Fact]
    public void Pump_SourceBreaksBehindBytes_TheyAreSentFirst()
    {
        OpenSplicing();
        _source.Gives("hello").Fails(SocketError.ConnectionReset).Waits.Enqueue(IoStatus.Done);
        Expect(PumpResult.SourceFailed, "source splices 5", "source waits: Done", "target is spliced 5: 5",
            "source splices ConnectionReset");
        Assert.Equal("xhello", Sent);
    }

    [Fact]
    public void Pump_WaitBehindBytesFails_TheyAreSentFirst()
    {
        OpenSplicing();
        _source.Gives("hello").Waits.Enqueue(IoStatus.Failed);
        Expect(PumpResult.SourceFailed, "source splices 5", "source waits: Failed", "target is spliced 5: 5");
    }

    [Fact]
    public void Pump_SourceRefusesToSplice_IsCopied()
    {
        OpenSplicing();
        _source.Fails(SocketError.OperationNotSupported).Gives("hello");
        // The answer takes the pipe away, as a real one does.
        _source.BeforeRefusal = () => _pipe.IsThere = false;
        Expect(PumpResult.Waiting, "source splices OperationNotSupported", "source receives 5", "source waits: Pending",
            "target sends 5: 5");
    }

    [Fact]
    public void Pump_TargetRefusesToSplice_NothingIsLost()
    {
        OpenSplicing();
        _source.Gives("hello");
        _target.Sends.Enqueue((0, SocketError.OperationNotSupported));
        _target.ChunkSends.Enqueue(IoStatus.Done);
        _target.BeforeRefusal = () => _pipe.IsThere = false;
        Expect(PumpResult.Waiting, "source splices 5", "source waits: Pending", "target is spliced 5: OperationNotSupported",
            "target sends a chunk of 5: Done");
        Assert.Equal("xhello", Sent);
    }

    [Fact]
    public void Pump_NoPipe_IsCopied()
    {
        OpenSplicing();
        _pipe.IsThere = false;
        _source.Gives("hello");
        Expect(PumpResult.Waiting, "source receives 5", "source waits: Pending", "target sends 5: 5");
    }

    [Fact]
    public void Pump_Discarding_IsCopied()
    {
        OpenSplicing();
        _direction.Discard();
        _source.Gives("hello");
        Expect(PumpResult.Waiting, "source receives 5", "source waits: Pending");
    }

    [Fact]
    public void Pump_SourceThatAlwaysHasMore_GivesItsTurnUpAfterItsMoves()
    {
        OpenSplicing();
        for (int i = 0; i < 100; i++)
        {
            _source.Gives(new string('a', 1000));
            _source.Waits.Enqueue(IoStatus.Done);
        }
        Assert.Equal(PumpResult.BudgetSpent, Pump());
        Assert.Equal(RelayDirection.SplicesPerTurn, _log.Count(line => line.StartsWith("target is spliced", StringComparison.Ordinal)));
        Assert.Equal(PumpResult.BudgetSpent, Pump());
    }

    [Fact]
    public void Pump_NoBuffer_StarvesAndTouchesNothing()
    {
        bool refuses = false;
        DiagnosticBufferPool buffers = new(_ => refuses);
        RelayDirection direction = new();
        direction.Open(_source, _target, buffers.Shares.Open(), _pipes);
        _source.Gives("x").Waits.Enqueue(IoStatus.Done);
        direction.Pump();
        direction.OnReadable(SocketError.Success);
        refuses = true;
        _log.Clear();
        _source.Gives("hello");
        Assert.Equal(PumpResult.Starved, direction.Pump());
        Assert.Empty(_log);
    }
}
