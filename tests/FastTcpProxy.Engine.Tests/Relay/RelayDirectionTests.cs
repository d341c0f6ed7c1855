using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Memory;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>The order of calls that one direction makes, and what it answers.</summary>
public sealed class RelayDirectionTests
{
    private readonly List<string> _log = [];
    private readonly DiagnosticBufferPool _buffers;
    private readonly ScriptedStream _source;
    private readonly ScriptedStream _target;
    private readonly RelayDirection _direction = new();
    private bool _refuses;

    public RelayDirectionTests()
    {
        _buffers = new DiagnosticBufferPool(_ => _refuses);
        _source = new ScriptedStream("source", _log, _buffers);
        _target = new ScriptedStream("target", _log, _buffers);
    }

    [Fact]
    public void Pump_Bytes_WaitsForMoreBeforeItSends()
    {
        Open();
        _source.Gives("hello");
        Expect(PumpResult.Waiting, Pump(), "source receives 5", "source waits: Pending", "target sends 5: 5");
        Assert.Equal(5, _direction.Bytes);
    }

    [Fact]
    public void Pump_BytesAndTheEndTogether_TheSendSaysThatTheEndFollows()
    {
        Open();
        _source.Gives("hello").Ends().Waits.Enqueue(IoStatus.Done);
        Expect(PumpResult.Ended, Pump(), "source receives 5", "source waits: Done", "source receives 0", "target sends 5, end follows: 5",
            "target ends");
        Assert.True(_direction.HasEnded);
        Expect(PumpResult.Ended, Pump());
    }

    [Fact]
    public void Pump_EndAlone_EndsTheTargetOnce()
    {
        Open();
        _source.Ends();
        Expect(PumpResult.Ended, Pump(), "source receives 0", "target ends");
        Expect(PumpResult.Ended, Pump());
    }

    [Fact]
    public void Pump_TargetTakesAPart_TheRestWaitsInAChunkAndNothingIsReadMeanwhile()
    {
        Open();
        _source.Gives("hello");
        _target.Sends.Enqueue((2, SocketError.Success));
        Expect(PumpResult.Waiting, Pump(), "source receives 5", "source waits: Pending", "target sends 5: 2",
            "target sends a chunk of 3: Pending");
        Assert.Equal(1, _buffers.Rented);
        // More has come, and stays where it is.
        _direction.OnReadable(SocketError.Success);
        Expect(PumpResult.Waiting, Pump());
        _target.CompleteChunk();
        _direction.OnSent(SocketError.Success);
        Expect(PumpResult.Waiting, Pump(), "source receives nothing", "source waits: Pending");
        Assert.Equal("hello", Encoding.ASCII.GetString([.. _target.Sent]));
        Assert.Equal(0, _buffers.Rented);
    }

    [Fact]
    public void Pump_TargetIsFull_TheWholeWaitsInAChunk()
    {
        Open();
        _source.Gives("hello");
        _target.Sends.Enqueue((0, SocketError.WouldBlock));
        Expect(PumpResult.Waiting, Pump(), "source receives 5", "source waits: Pending", "target sends 5: WouldBlock",
            "target sends a chunk of 5: Pending");
        _target.CompleteChunk();
    }

    [Fact]
    public void Pump_ChunkIsSentAtOnce_GoesOn()
    {
        Open();
        _source.Gives("hello").Ends().Waits.Enqueue(IoStatus.Done);
        _target.Sends.Enqueue((1, SocketError.Success));
        _target.ChunkSends.Enqueue(IoStatus.Done);
        Expect(
            PumpResult.Ended, Pump(), "source receives 5", "source waits: Done", "source receives 0", "target sends 5, end follows: 1",
            "target sends a chunk of 4: Done",
            "target ends");
    }

    [Fact]
    public void Pump_EndBehindAPendingSend_IsToldAfterIt()
    {
        Open();
        _source.Gives("hello").Ends().Waits.Enqueue(IoStatus.Done);
        _target.Sends.Enqueue((1, SocketError.Success));
        Assert.Equal(PumpResult.Waiting, Pump());
        _log.Clear();
        _target.CompleteChunk();
        _direction.OnSent(SocketError.Success);
        Expect(PumpResult.Ended, Pump(), "target ends");
    }

    [Fact]
    public void Pump_SourceBreaksBehindBytes_TheyAreSentFirst()
    {
        Open();
        _source.Gives("hello").Fails(SocketError.ConnectionReset).Waits.Enqueue(IoStatus.Done);
        Expect(PumpResult.SourceFailed, Pump(), "source receives 5", "source waits: Done", "source receives ConnectionReset",
            "target sends 5: 5");
    }

    [Fact]
    public void Pump_WaitFails_SourceFailed()
    {
        Open();
        _source.Waits.Enqueue(IoStatus.Failed);
        Expect(PumpResult.SourceFailed, Pump(), "source receives nothing", "source waits: Failed");
    }

    /// <summary>The wait completes later, each time with nothing to read: what a poller that reports too much would do.</summary>
    [Fact]
    public void OnReadable_NothingIsThereEachTime_StopsToWaitAndMakesNoProgress()
    {
        Open();
        int wakes = 0;
        while (Pump() == PumpResult.Waiting)
        {
            _direction.OnReadable(SocketError.Success);
            wakes++;
        }
        Assert.Equal((PumpResult.Misled, RelayDirection.FruitlessMax - 1, false), (Pump(), wakes, _direction.TakeProgress()));
        _direction.Close();
        Open();
        Expect(PumpResult.Waiting, Pump(),
            [.. Enumerable.Repeat<string[]>(["source receives nothing", "source waits: Pending"], RelayDirection.FruitlessMax - 1)
                .SelectMany(s => s), "source receives nothing", "source receives nothing", "source waits: Pending"]);
    }

    [Fact]
    public void OnReadable_Bytes_AreProgressOnce()
    {
        Open();
        _source.Gives("hello");
        Pump();
        Assert.Equal((true, false), (_direction.TakeProgress(), _direction.TakeProgress()));
    }

    [Fact]
    public void OnReadable_Error_SourceFailed()
    {
        Open();
        Pump();
        _direction.OnReadable(SocketError.ConnectionReset);
        Assert.Equal(PumpResult.SourceFailed, Pump());
    }

    [Fact]
    public void Pump_TargetBreaks_TargetFailed()
    {
        Open();
        _source.Gives("hello");
        _target.Sends.Enqueue((0, SocketError.Shutdown));
        Expect(PumpResult.TargetFailed, Pump(), "source receives 5", "source waits: Pending", "target sends 5: Shutdown");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pump_ChunkFails_TargetFailedAndNothingIsHeld(bool atOnce)
    {
        Open();
        _source.Gives("hello");
        _target.Sends.Enqueue((1, SocketError.Success));
        if (atOnce) _target.ChunkSends.Enqueue(IoStatus.Failed);
        PumpResult result = Pump();
        if (!atOnce)
        {
            Assert.Equal(PumpResult.Waiting, result);
            _target.CompleteChunk();
            _direction.OnSent(SocketError.ConnectionReset);
            result = Pump();
        }
        Assert.Equal(PumpResult.TargetFailed, result);
        Assert.Equal(0, _buffers.Rented);
    }

    [Fact]
    public void Pump_HeaderAndBytes_LeaveInOneSend()
    {
        Open();
        _source.Gives("hello");
        Expect(PumpResult.Waiting, _direction.Pump(WriteHeader(), headerWindow: 1024), "source receives 5", "source waits: Pending",
            "target sends 9: 9");
        Assert.Equal("HEADhello", Encoding.ASCII.GetString([.. _target.Sent]));
        Assert.Equal(5, _direction.Bytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pump_HeaderAndASilentSource_TheHeaderLeavesAtOnce(bool waitsFirst)
    {
        Open(waitsFirst);
        string[] calls = waitsFirst ? ["source waits: Pending", "target sends 4: 4"] : ["source receives nothing", "source waits: Pending",
            "target sends 4: 4"];
        Expect(PumpResult.Waiting, _direction.Pump(WriteHeader(), headerWindow: 1024), calls);
        Assert.Equal(0, _direction.Bytes);
    }

    [Fact]
    public void Pump_HeaderAndTheEnd_HeaderGoesFirst()
    {
        Open();
        _source.Ends();
        Expect(PumpResult.Ended, _direction.Pump(WriteHeader(), headerWindow: 1024), "source receives 0", "target sends 4, end follows: 4",
            "target ends");
    }

    [Fact]
    public void Pump_NoBuffer_StarvesAndTouchesNothing()
    {
        _refuses = true;
        Open();
        _source.Gives("hello");
        Expect(PumpResult.Starved, Pump());
        _refuses = false;
        Assert.Equal(PumpResult.Waiting, Pump());
        Assert.Equal("hello", Encoding.ASCII.GetString([.. _target.Sent]));
    }

    [Fact]
    public void Pump_SourceThatAlwaysHasMore_GivesItsTurnUpAfterItsMoves()
    {
        Open();
        for (int i = 0; i < 100; i++)
        {
            _source.Gives(new string('x', MovePolicy.WindowBytesMin));
            _source.Waits.Enqueue(IoStatus.Done);
        }
        Assert.Equal(PumpResult.BudgetSpent, Pump());
        Assert.Equal(RelayDirection.MovesPerTurn, _log.Count(line => line.StartsWith("target sends", StringComparison.Ordinal)));
        Assert.Equal(PumpResult.BudgetSpent, Pump());
    }

    [Fact]
    public void Open_AfterClose_KnowsNothingOfTheTimeBefore()
    {
        Open();
        _source.Gives("x").Ends().Waits.Enqueue(IoStatus.Done);
        Pump();
        _direction.Close();
        Assert.False(_direction.HasEnded);
        Assert.Equal(0, _direction.Bytes);
        _log.Clear();
        Open();
        _source.Gives("hello");
        Expect(PumpResult.Waiting, Pump(), "source receives 5", "source waits: Pending", "target sends 5: 5");
    }

    private void Open(bool waitsFirst = false) =>
        _direction.Open(_source, _target, _buffers.Shares.Open(), new PipePool(SpliceTerms.Measured), waitsFirst: waitsFirst);

    private PumpResult Pump() => _direction.Pump();

    private void Expect(PumpResult expected, PumpResult actual, params string[] calls)
    {
        Assert.Equal(expected, actual);
        Assert.Equal(calls, _log);
        _log.Clear();
    }

    private int WriteHeader()
    {
        "HEAD"u8.CopyTo(_buffers.ReceiveBuffer.Span);
        return 4;
    }
}
