using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// A client or an upstream: plays a script on its end of a connection, reads meanwhile at its own pace, and remembers what happened. Lives
/// outside of the loop; one thread; owns its end.
/// </summary>
internal sealed class SimPeer
{
    private const int EchoMax = 32 << 10;

    private readonly SimWorld _world;
    private readonly PeerStep[] _steps;
    private readonly List<ReadOnlyMemory<byte>> _echo = [];
    private readonly byte[] _scratch = new byte[16 << 10];
    private int _step;
    private long _done;
    private long _patternSent;
    private long _echoBytes;
    private bool _pausing;
    private bool _readScheduled;

    public SimPeer(SimWorld world, SimEnd end, int stream, IEnumerable<PeerStep> steps)
    {
        _world = world;
        End = end;
        Stream = stream;
        _steps = [.. steps];
        end.Readable = ScheduleRead;
        end.Writable = Play;
    }

    public SimEnd End { get; }

    /// <summary>The number of the <see cref="SimPattern"/> that it sends.</summary>
    public int Stream { get; }

    /// <summary>How much it reads at once, and how long it rests between reads, in microseconds.</summary>
    public int ReadBytes { get; init; } = 16 << 10;

    public long ReadRestUs { get; init; }

    /// <summary>Whether it reads at all before its script waits for the end, or is over.</summary>
    public bool Reads { get; init; } = true;

    /// <summary>Is shown every piece that it reads.</summary>
    public Action<ReadOnlyMemory<byte>>? Received { get; set; }

    public long ReceivedBytes { get; private set; }

    /// <summary>Payload that it has sent: bytes of its stream, or echoed ones.</summary>
    public long SentBytes { get; private set; }

    public bool SawEnd { get; private set; }

    public bool SawReset { get; private set; }

    public bool HasHalfClosed { get; private set; }

    public bool HasClosed { get; private set; }

    public bool HasReset { get; private set; }

    public bool HasVanished { get; private set; }

    /// <summary>Whether its script has come to its end.</summary>
    public bool IsDone => _step == _steps.Length;

    /// <summary>When it did something last that the proxy can notice, in microseconds.</summary>
    public long LastActUs { get; private set; }

    public string Script => string.Join(", ", _steps);

    public void Start()
    {
        Play();
        ScheduleRead();
    }

    private void Play()
    {
        while (_step < _steps.Length && !_pausing && TryFinish(_steps[_step]))
        {
            _step++;
            _done = 0;
        }
        if (!Reads && IsReadingAnyway) ScheduleRead();
    }

    private bool TryFinish(PeerStep step)
    {
        switch (step.Kind)
        {
            case PeerStepKind.Send:
                return TrySend(step.Amount);
            case PeerStepKind.SendRaw:
                return TrySendRaw(step.Raw!);
            case PeerStepKind.Pause:
                _pausing = true;
                _world.Schedule(step.Amount, () =>
                {
                    _pausing = false;
                    _step++;
                    Play();
                });
                return false;
            case PeerStepKind.AwaitBytes:
                return ReceivedBytes >= step.Amount || SawEnd || SawReset;
            case PeerStepKind.AwaitEnd:
                return SawEnd || SawReset;
            case PeerStepKind.Echo:
                return TryEcho();
            default:
                Leave(step.Kind);
                return true;
        }
    }

    private void Leave(PeerStepKind kind)
    {
        LastActUs = _world.Clock.NowUs;
        switch (kind)
        {
            case PeerStepKind.HalfClose:
                HasHalfClosed = true;
                End.ShutDown();
                break;
            case PeerStepKind.Close:
                HasClosed = true;
                End.Close(reset: false);
                break;
            case PeerStepKind.Reset:
                HasReset = true;
                End.Close(reset: true);
                break;
            default:
                HasVanished = true;
                End.Other.Break(SocketError.TimedOut);
                break;
        }
    }

    private bool TrySend(long amount)
    {
        while (_done < amount && !SawReset)
        {
            Span<byte> piece = _scratch.AsSpan(0, (int)Math.Min(amount - _done, _scratch.Length));
            SimPattern.Fill(piece, Stream, _patternSent);
            IoResult sent = End.Send(piece, hold: false);
            if (sent.WouldBlock) return false;
            if (!sent.IsSuccess) return Break();
            _done += sent.Bytes;
            _patternSent += sent.Bytes;
            SentBytes += sent.Bytes;
            LastActUs = _world.Clock.NowUs;
        }
        return true;
    }

    private bool TrySendRaw(byte[] bytes)
    {
        while (_done < bytes.Length && !SawReset)
        {
            IoResult sent = End.Send(bytes.AsSpan((int)_done), hold: false);
            if (sent.WouldBlock) return false;
            if (!sent.IsSuccess) return Break();
            _done += sent.Bytes;
            LastActUs = _world.Clock.NowUs;
        }
        return true;
    }

    private bool TryEcho()
    {
        while (_echo.Count > 0 && !SawReset)
        {
            IoResult sent = End.Send(_echo[0].Span, hold: false);
            if (sent.WouldBlock) return false;
            if (!sent.IsSuccess) return Break();
            _echo[0] = _echo[0][sent.Bytes..];
            if (_echo[0].IsEmpty) _echo.RemoveAt(0);
            _echoBytes -= sent.Bytes;
            SentBytes += sent.Bytes;
            LastActUs = _world.Clock.NowUs;
            ScheduleRead();
        }
        return SawEnd || SawReset;
    }

    private bool Break()
    {
        SawReset = true;
        return true;
    }

    private bool IsReadingAnyway => IsDone || _steps[_step].Kind == PeerStepKind.AwaitEnd;

    private void ScheduleRead()
    {
        if (_readScheduled) return;
        _readScheduled = true;
        _world.Schedule(ReadRestUs, () =>
        {
            _readScheduled = false;
            Read();
        });
    }

    private void Read()
    {
        if (!Reads && !IsReadingAnyway || End.IsClosed || SawEnd || SawReset || _echoBytes > EchoMax) return;
        byte[] room = new byte[ReadBytes];
        IoResult received = End.Receive(room, take: true);
        if (received.WouldBlock) return;
        if (!received.IsSuccess)
        {
            SawReset = true;
        }
        else if (received.Bytes == 0)
        {
            SawEnd = true;
        }
        else
        {
            ReceivedBytes += received.Bytes;
            Received?.Invoke(room.AsMemory(0, received.Bytes));
            ScheduleRead();
        }
        Play();
    }

    /// <summary>Payload to give back when the script comes to <see cref="PeerStepKind.Echo"/>.</summary>
    public void Return(ReadOnlyMemory<byte> payload)
    {
        _echo.Add(payload);
        _echoBytes += payload.Length;
    }
}
