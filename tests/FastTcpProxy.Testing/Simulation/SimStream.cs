using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// A simulated stream. It holds the engine to the seam's contract: code that waits twice, uses what is closed or sends what it does not own
/// gets an exception, which the loop counts as a fault. It owns its end of the connection, and counts its operations in flight. Belongs to
/// one loop.
/// </summary>
internal sealed partial class SimStream : StreamSocket
{
    private readonly SimWorld _world;
    private readonly SimTransport _transport;
    private readonly Operation _connect;
    private readonly Operation _wait;
    private readonly Operation _send;
    private State _state;
    private SimEnd? _end;
    private bool _isUndecided;
    private bool _hasDescriptor;
    private bool _hasShutDown;
    private HandshakeEnd _handshake;
    // The host's end, until the handshake's last packet comes to it.
    private SimEnd? _held;
    private int _inFlight;

    // Set while a connect is in flight.
    private SocketError _connectError;
    private SimHost? _host;

    // Set while a send is in flight.
    private BufferChunk? _chunk;
    private uint _chunkGeneration;
    private int _chunkOffset;
    private int _chunkCount;

    /// <param name="accepted">The far end of a client's connection; null for a stream to connect with.</param>
    public SimStream(SimWorld world, SimTransport transport, SimEnd? accepted = null)
    {
        _world = world;
        _transport = transport;
        _connect = new Operation(this, OnConnectCompleted);
        _wait = new Operation(this, OnWaitCompleted);
        _send = new Operation(this, OnSendCompleted);
        if (accepted is null) return;
        _isUndecided = _hasDescriptor = true;
        Attach(accepted);
    }

    private enum State
    {
        Fresh,
        Connecting,
        Connected,
        Failed,
        Closed,
    }

    /// <summary>How long the kernel is told to wait for an acknowledgement; 0 leaves it to itself.</summary>
    public int UserTimeoutMs { get; private set; }

    public override IoStatus WaitReadable()
    {
        Expect(_state == State.Connected, "wait on a stream that is not connected");
        Expect(!_wait.IsInFlight, "two waits in flight");
        if (_world.Faults.NoMemoryToWait)
        {
            LastError = SocketError.NoBufferSpaceAvailable;
            return IoStatus.Failed;
        }
        if ((_end!.IsReadable || IsFalselyReadable()) && !_world.Chance(_world.Faults.LateCompletion))
        {
            if (!_end.TryTakeErrorOfWait(out SocketError error)) return IoStatus.Done;
            LastError = error;
            return IoStatus.Failed;
        }
        _wait.Start();
        if (_end.IsReadable || IsFalselyReadable()) _wait.Finish();
        return IoStatus.Pending;
    }

    public override IoResult Receive(Span<byte> destination) => Receive(destination, take: true);

    public override IoResult Peek(Span<byte> destination) => Receive(destination, take: false);

    public override IoResult Send(ReadOnlySpan<byte> source, bool endFollows)
    {
        ExpectSendable();
        Expect(source.Length > 0, "a send of nothing");
        if (_world.Chance(_world.Faults.SendBlocks) && !_end!.IsBroken) return IoResult.Fail(SocketError.WouldBlock);
        int count = _world.Chance(_world.Faults.PartialSend) ? _world.Next(1, source.Length + 1) : source.Length;
        IoResult sent = _end!.Send(source[..count], hold: endFollows && count == source.Length);
        if (sent.Bytes > 0)
        {
            EndHandshake();
            Active();
        }
        return sent;
    }

    public override IoStatus SendChunk(BufferChunk chunk, int offset, int count)
    {
        ExpectSendable();
        Expect(chunk.IsRented, "a chunk that no one has rented");
        Expect(count > 0 && offset >= 0 && offset + count <= chunk.Size, "a piece that lies outside of its chunk");
        EndHandshake();
        (_chunk, _chunkGeneration, _chunkOffset, _chunkCount) = (chunk, chunk.Generation, offset, count);
        if (!_world.Chance(_world.Faults.LateCompletion) && PushChunk(out SocketError error))
        {
            ReturnChunk();
            LastError = error;
            return error == SocketError.Success ? IoStatus.Done : IoStatus.Failed;
        }
        _send.Start();
        if (_end!.CanSend) _send.Finish();
        return IoStatus.Pending;
    }

    public override IoResult SpliceTo(StreamPipe pipe, int bytesMax)
    {
        Expect(_state == State.Connected, "a splice from a stream that is not connected");
        Expect(!_wait.IsInFlight, "a splice while a wait is in flight");
        _transport.Takes++;
        IoResult taken = ((SimSplicePipe)pipe).FillFrom(_end!, LimitReceive(bytesMax));
        if (taken.Bytes > 0) Active();
        return taken;
    }

    public override IoResult SpliceFrom(StreamPipe pipe)
    {
        ExpectSendable();
        EndHandshake();
        if (_world.Chance(_world.Faults.SendBlocks) && !_end!.IsBroken) return IoResult.Fail(SocketError.WouldBlock);
        int count = _world.Chance(_world.Faults.PartialSend) ? _world.Next(1, pipe.Bytes + 1) : pipe.Bytes;
        IoResult sent = ((SimSplicePipe)pipe).DrainTo(_end!, count);
        if (sent.Bytes > 0) Active();
        return sent;
    }

    public override void ShutdownSend()
    {
        ExpectSendable();
        EndHandshake();
        _hasShutDown = true;
        _end!.ShutDown();
    }

    public override bool TryGetPathState(out PathState state)
    {
        state = new PathState(RoundTripUs: 1_000, Retransmits: 2, Lost: 1);
        return true;
    }

    public override void SetUserTimeout(int milliseconds)
    {
        Expect(_state == State.Connected, "an option of a stream that is not connected");
        UserTimeoutMs = milliseconds;
    }

    public override void EnableKeepAlive(in KeepAliveOptions options)
    {
        Expect(_state == State.Connected, "keep-alive on a stream that is not connected");
    }

    public override void Mute() => Expect(_state == State.Connected, "muted a stream that is not connected");

    public override InetEndPoint GetLocalEndPoint()
    {
        Expect(_state == State.Connected, "the address of a stream that is not connected");
        return _end!.Local;
    }

    public override void Close(bool reset)
    {
        Expect(_state != State.Closed, "closed twice");
        Expect(reset || !_send.IsInFlight, "a clean close with a send in flight: its rest would be lost");
        bool isRefused = _isUndecided;
        Decide();
        if (!reset) EndHandshake();
        if (Owner is { } owner && _inFlight > 0) _transport.ClosedWaiting?.Invoke(owner, FindUnheard());
        Owner = null;
        _state = State.Closed;
        if (_end is not null)
        {
            _end.Readable = _end.Writable = null;
            _end.Close(reset);
        }
        if (_hasDescriptor) _transport.ReleaseDescriptor();
        // Cancelled operations complete, later, and no one is told.
        _connect.Cancel();
        _wait.Cancel();
        _send.Cancel();
        if (_inFlight == 0) _transport.OnDrained();
        _transport.Defect?.Invoke(isRefused ? "refuse" : "close");
    }

    private IoResult Receive(Span<byte> destination, bool take)
    {
        Expect(_state == State.Connected, "a receive on a stream that is not connected");
        Expect(destination.Length > 0, "a receive into nothing");
        _transport.Takes++;
        IoResult received = _end!.Receive(destination[..LimitReceive(destination.Length)], take);
        // The end of the stream is something too.
        if (received.IsSuccess) Active();
        return received;
    }

    private void Decide()
    {
        if (_isUndecided) _transport.OnDecided();
        _isUndecided = false;
    }

    private Unheard FindUnheard()
    {
        Unheard unheard = _connect.IsInFlight && _connect.IsOver ? Unheard.Connect : Unheard.None;
        if (_wait.IsInFlight && _end!.IsReadable) unheard |= Unheard.Input;
        if (_send.IsInFlight) unheard |= _end!.CanSend ? Unheard.Room : Unheard.Blocked;
        return unheard;
    }

    private bool IsFalselyReadable()
    {
        if (!_world.Chance(_world.Faults.FalseReadiness)) return false;
        _transport.FalseWaits++;
        return true;
    }

    private int LimitReceive(int bytesMax)
    {
        int count = _world.Chance(_world.Faults.PartialReceive) ? _world.Next(1, bytesMax + 1) : bytesMax;
        return count < bytesMax ? Math.Min(count, 1 + _world.Next(64)) : count;
    }

    private void Attach(SimEnd end)
    {
        _end = end;
        _state = State.Connected;
        end.Readable = () =>
        {
            if (_wait.IsInFlight) _wait.Finish();
        };
        end.Writable = () =>
        {
            if (_send.IsInFlight) _send.Finish();
        };
    }

    private void ExpectSendable()
    {
        Expect(_state == State.Connected, "a send on a stream that is not connected");
        Expect(!_hasShutDown, "a send after the end was sent");
        Expect(!_send.IsInFlight, "two sends in flight");
    }

    private void Active()
    {
        if (Owner is { } owner) _transport.Active?.Invoke(owner);
    }

    private static void Expect(bool condition, string breach)
    {
        if (!condition) throw new SeamBreachException(breach);
    }
}
