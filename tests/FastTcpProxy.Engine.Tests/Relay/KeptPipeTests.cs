using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Memory;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>
/// A pipe that a direction keeps because more is left in it than is read out, here 4 bytes: until it is empty, or no one wants what is in
/// it.
/// </summary>
public sealed class KeptPipeTests
{
    private readonly List<string> _log = [];
    private readonly DiagnosticBufferPool _buffers;
    private readonly PipePool _pipes;
    private readonly ScriptedStream _source;
    private readonly ScriptedStream _target;
    private readonly RelayDirection _direction = new();
    private bool _refuses;

    public KeptPipeTests()
    {
        _buffers = new DiagnosticBufferPool(_ => _refuses);
        LoopMetrics metrics = MetricsRegistry.Small().Loops[0];
        _pipes = new PipePool(new SpliceTerms(0, 1, 1 << 20, RestBytesMax: 4), new ScriptedPipe(metrics), new ScriptedPipe(metrics));
        _source = new ScriptedStream("source", _log, _buffers);
        _target = new ScriptedStream("target", _log, _buffers);
    }

    [Fact]
    public void Rest_IsLarge_AFirstPieceWaitsAndTheOthersGoThroughThePipe()
    {
        KeepAPipe();
        Assert.True(_direction.IsBlocked);
        _target.Sends.Enqueue((1, SocketError.Success));
        Resume();
        Expect(PumpResult.Waiting, "target is spliced 5: 1", "target sends a chunk of 4: Pending");
        // What is left is small: it is read out, and the pipe is free.
        Assert.Equal(0, _pipes.Rented);
        Resume();
        Expect(PumpResult.Waiting);
        Assert.Equal(("xhello world", 12), (Sent, _direction.Bytes));
    }

    [Fact]
    public void TargetHasRoomAgain_SourceIsReadAfterThePipe()
    {
        KeepAPipe();
        _direction.OnReadable(SocketError.Success);
        _source.Gives("!");
        Resume();
        Expect(PumpResult.Waiting, "target is spliced 5: 5", "source splices 1", "source waits: Pending", "target is spliced 1: 1");
        Assert.Equal(("xhello world!", 0), (Sent, _pipes.Rented));
    }

    [Fact]
    public void SourceHasEnded_TheEndIsToldAfterThePipeIsEmpty()
    {
        KeepAPipe();
        _direction.OnReadable(SocketError.Success);
        _source.Ends();
        Resume();
        Expect(PumpResult.Ended, "target is spliced 5: 5", "source splices 0", "source receives 0", "target ends");
        Assert.Equal("xhello world", Sent);
    }

    [Fact]
    public void SourceBroke_WhatIsInThePipeIsSentFirst()
    {
        KeepAPipe();
        _direction.OnReadable(SocketError.ConnectionReset);
        _direction.OnSourceBroken();
        Resume();
        Expect(PumpResult.SourceFailed, "target is spliced 5: 5");
        Assert.False(_direction.IsBlocked);
    }

    [Fact]
    public void ChunkIsSentAtOnce_GoesOnUntilThePipeIsEmpty()
    {
        KeepAPipe(IoStatus.Done, IoStatus.Done);
        Assert.Equal(("xhello world", 0, 0), (Sent, _pipes.Rented, _buffers.Rented));
    }

    [Fact]
    public void NoBuffer_StarvesAndStaysBlocked()
    {
        KeepAPipe();
        Resume();
        _refuses = true;
        Expect(PumpResult.Starved);
        Assert.True(_direction.IsBlocked);
        _refuses = false;
        Expect(PumpResult.Waiting, "target is spliced 5: 5");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TargetBreaks_ThePipeComesBackEmpty(bool inTheSend)
    {
        KeepAPipe();
        if (!inTheSend) _target.Sends.Enqueue((0, SocketError.ConnectionReset));
        _target.CompleteChunk();
        _direction.OnSent(inTheSend ? SocketError.ConnectionReset : SocketError.Success);
        Assert.Equal(PumpResult.TargetFailed, Pump());
        _direction.Discard();
        AssertPipesAreFreeAndEmpty();
    }

    [Fact]
    public void Close_ThePipeComesBackEmpty()
    {
        KeepAPipe();
        _direction.Close();
        AssertPipesAreFreeAndEmpty();
        _target.CompleteChunk();
    }

    [Fact]
    public void OnePipeIsKept_TheLastMovesNoMoreThanIsReadOut()
    {
        KeepAPipe();
        List<string> log = [];
        ScriptedStream source = new("other", log, _buffers);
        ScriptedStream target = new("its target", log, _buffers);
        RelayDirection other = new();
        other.Open(source, target, _buffers.Shares.Open(), _pipes);
        source.Gives("x");
        Assert.Equal(PumpResult.Waiting, other.Pump());
        other.OnReadable(SocketError.Success);
        log.Clear();
        source.Gives("efgh");
        target.Sends.Enqueue((0, SocketError.WouldBlock));
        Assert.Equal(PumpResult.Waiting, other.Pump());
        Assert.Equal(["other splices 4", "its target is spliced 4: WouldBlock", "its target sends a chunk of 4: Pending"], log);
        Assert.Equal(1, _pipes.Rented);
        target.CompleteChunk();
        _target.CompleteChunk();
    }

    private string Sent => Encoding.ASCII.GetString([.. _target.Sent]);

    /// <summary>Splices 11 bytes of which the target takes 2: 4 wait in a chunk, 5 in the pipe.</summary>
    private void KeepAPipe(params IoStatus[] chunkSends)
    {
        _direction.Open(_source, _target, _buffers.Shares.Open(), _pipes);
        _source.Gives("x");
        Assert.Equal(PumpResult.Waiting, Pump());
        _direction.OnReadable(SocketError.Success);
        _log.Clear();
        _source.Gives("hello world");
        _target.Sends.Enqueue((2, SocketError.Success));
        foreach (IoStatus status in chunkSends) _target.ChunkSends.Enqueue(status);
        Assert.Equal(PumpResult.Waiting, Pump());
        if (chunkSends.Length > 0) return;
        Assert.Equal(["source splices 11", "source waits: Pending", "target is spliced 11: 2", "target sends a chunk of 4: Pending"], _log);
        Assert.Equal(1, _pipes.Rented);
        _log.Clear();
    }

    private void Resume()
    {
        _target.CompleteChunk();
        _direction.OnSent(SocketError.Success);
    }

    private void AssertPipesAreFreeAndEmpty()
    {
        Assert.Equal(0, _pipes.Rented);
        Assert.Equal((0, 0), (_pipes.Take().Bytes, _pipes.Take().Bytes));
    }

    private PumpResult Pump() => _direction.Pump();

    private void Expect(PumpResult expected, params string[] calls)
    {
        Assert.Equal(expected, Pump());
        Assert.Equal(calls, _log);
        _log.Clear();
    }
}
