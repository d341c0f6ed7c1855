using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Relay;

/// <summary>
/// One way of a session: what the source sends, the target gets, in order, then the end. It holds no buffer: bytes go from the
/// source into the loop's receive buffer and on to the target in one step, and only what a slow target does not take is put aside, in a
/// chunk that belongs to the send in flight. While that lasts nothing more is read, which is the back-pressure; and never more than could
/// be put aside. Sustained bulk goes through the loop's pipe instead, see RelayDirection.Splice.cs.
/// At most one wait on the source and one send on the target are in flight. Belongs to one loop; its session owns it and the streams.
/// </summary>
internal sealed partial class RelayDirection
{
    /// <summary>Moves of up to a receive buffer that a direction makes before others have their turn.</summary>
    public const int MovesPerTurn = 8;

    /// <summary>Moves through a pipe (<see cref="SpliceUnitBytes"/>) that it makes instead: four take no longer than a copy.</summary>
    public const int SplicesPerTurn = 4 * MovesPerTurn;

    /// <summary>A larger splice counts as so many.</summary>
    public const int SpliceUnitBytes = MovePolicy.WindowBytesMax;

    private enum ReadState : byte
    {
        /// <summary>A receive may bring something.</summary>
        Ready,

        /// <summary>A wait for readability is in flight.</summary>
        Waiting,

        /// <summary>The end of the stream has come.</summary>
        Ended,

        /// <summary>The source broke; what it sent before is still sent on.</summary>
        Failed,

        /// <summary>The source was reported readable too often and was not: nothing waits, the session polls it.</summary>
        Misled,
    }

    private enum WriteState : byte
    {
        /// <summary>The target may take something.</summary>
        Open,

        /// <summary>The target may take something, and a header goes before the first bytes.</summary>
        OwesHeader,

        /// <summary>A send is in flight.</summary>
        Sending,

        /// <summary>The target was told the end.</summary>
        Ended,
    }

    private StreamSocket? _source, _target;
    private BufferShare? _buffers;
    private IBufferHolder? _holder;
    private ReadState _read;
    private WriteState _write;
    private bool _targetFailed;
    private bool _isCut;
    private bool _spliceGaveNothing;
    private PipePool? _pipes;
    private StreamPipe? _pipe;
    private MovePolicy _policy;

    /// <summary>Bytes that the target took, or that wait in the send in flight; the header not counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether the next pump is to come with a header.</summary>
    public bool OwesHeader => _write == WriteState.OwesHeader;

    public bool HasEnded => _write == WriteState.Ended;

    /// <summary>Whether bytes wait for a slow target.</summary>
    public bool IsBlocked => _write == WriteState.Sending || _pipe is not null;

    /// <summary>Whether nothing more will come from the source: it has ended in order, or it broke.</summary>
    public bool IsSourceDone => _read is ReadState.Ended or ReadState.Failed;

    /// <summary>Whether the source's connection broke, which is acted on when what it sent before has been passed on.</summary>
    public bool IsSourceFailed => _read == ReadState.Failed;

    /// <summary>Whether the target is gone and what the source sends is taken and dropped.</summary>
    public bool IsDiscarding { get; private set; }

    /// <summary>Begins. The source must have no wait in flight.</summary>
    /// <param name="holder">The holder that can be made to give up what is put aside; null: none.</param>
    /// <param name="headerFirst">A header goes before the first bytes: the first pump comes with it.</param>
    /// <param name="waitsFirst">The source has most likely sent nothing yet: a receive at once would find nothing.</param>
    public void Open(StreamSocket source, StreamSocket target, BufferShare buffers, PipePool pipes, IBufferHolder? holder = null,
        bool waitsFirst = false, bool headerFirst = false)
    {
        Debug.Assert(_source is null, "opened twice");
        _source = source;
        _target = target;
        _buffers = buffers;
        _holder = holder;
        _pipes = pipes;
        _policy = new MovePolicy(pipes.Terms);
        if (headerFirst) _write = WriteState.OwesHeader;
        if (waitsFirst) Wait();
    }

    /// <summary>Releases the streams; the session closes them.</summary>
    public void Close()
    {
        try
        {
            ReturnPipe();
        }
        finally
        {
            Clear();
        }
    }

    private void Clear()
    {
        _source = _target = null;
        _buffers = null;
        _holder = null;
        _pipes = null;
        (_read, _write, _policy, Error) = (ReadState.Ready, WriteState.Open, default, SocketError.Success);
        _targetFailed = _isCut = _spliceGaveNothing = _hasProgressed = IsDiscarding = false;
        _fruitless = 0;
        Bytes = _counted = 0;
    }

    /// <summary>
    /// The source's connection broke: what it sent is still delivered, but an end of stream only if it had come in order.
    /// </summary>
    public void OnSourceBroken() => _isCut = _read != ReadState.Ended;

    public void OnReadable(SocketError error)
    {
        Debug.Assert(_read == ReadState.Waiting, "readable without a wait");
        if (error == SocketError.Success) _read = ReadState.Ready;
        else FailSource(error);
        // What came cannot be taken yet, and is still a sign of life. It cannot repeat: no wait follows before something is taken.
        if (IsBlocked) _hasProgressed = true;
    }

    public void OnSent(SocketError error)
    {
        // The bytes that were on their way to a target that is given up.
        if (IsDiscarding) return;
        Debug.Assert(_write == WriteState.Sending, "sent without a send");
        _write = WriteState.Open;
        _hasProgressed = true;
        if (error != SocketError.Success) FailTarget(error);
    }

    /// <summary>Moves bytes until an operation is in flight, the budget is spent, or the direction is over.</summary>
    /// <param name="headerBytes">
    /// How many bytes of a header lie at the front of the receive buffer: they go before the first bytes, and leave together with them.
    /// </param>
    /// <param name="headerWindow">With a header: what <see cref="BufferShare.WindowFor"/> said before it was written.</param>
    /// <param name="closeFollows">The target is closed at this direction's end, which says the end by itself: one call less.</param>
    public PumpResult Pump(int headerBytes = 0, int headerWindow = 0, bool closeFollows = false)
    {
        if (OwesHeader) _write = WriteState.Open;
        for (int left = SplicesPerTurn; ;)
        {
            if (_targetFailed) return PumpResult.TargetFailed;
            if (_write == WriteState.Sending) return PumpResult.Waiting;
            if (_pipe is null && headerBytes == 0)
            {
                switch (_read)
                {
                    case ReadState.Waiting:
                        return PumpResult.Waiting;
                    case ReadState.Failed:
                        return PumpResult.SourceFailed;
                    case ReadState.Misled:
                        return PumpResult.Misled;
                    case ReadState.Ended:
                        return _isCut ? PumpResult.SourceFailed : End(closeFollows);
                }
            }
            if (left <= 0) return PumpResult.BudgetSpent;
            Span<byte> room = _buffers!.ReceiveBuffer.Span;
            // Bytes that are discarded need no buffer. Others are read only if they can be put aside, and only if there is room behind a
            // header.
            if (!IsDiscarding)
            {
                int window = headerBytes > 0 ? headerWindow : _buffers.WindowFor(1);
                if (window == 0) return PumpResult.Starved;
                room = room[..window];
            }
            if (_pipe is not null || CanSplice(headerBytes))
            {
                left -= 1 + (Splice(room) - 1) / SpliceUnitBytes;
                continue;
            }
            left -= SplicesPerTurn / MovesPerTurn;
            int asked = Math.Min(_policy.WindowBytes, room.Length - headerBytes);
            int count = Fill(room.Slice(headerBytes, asked));
            if (headerBytes + count == 0) continue;
            int rest = Forward(room[..(headerBytes + count)], headerBytes);
            headerBytes = 0;
            _policy.OnMove(count, filled: count == asked, Math.Min(rest, count));
        }
    }

    /// <summary>Receives the waiting bytes, and learns whether more or the end follows.</summary>
    private int Fill(Span<byte> room)
    {
        int count = 0;
        _spliceGaveNothing = false;
        while (_read == ReadState.Ready)
        {
            IoResult received = _source!.Receive(room[count..]);
            if (received.WouldBlock)
            {
                if (++_fruitless < FruitlessMax) Wait();
                else _read = ReadState.Misled;
                continue;
            }
            OnTaken();
            if (!received.IsSuccess)
            {
                FailSource(received.Error);
                break;
            }
            if (received.Bytes == 0)
            {
                _read = ReadState.Ended;
                break;
            }
            count += received.Bytes;
            // A receive that filled the room does not tell whether more follows; the next move finds out.
            if (count == room.Length) break;
            // A short one took all there was, or all up to a mark of urgent data, behind which the wait finds the rest. Waiting for more
            // before this is sent shows whether the end has come too, which then leaves in one packet with the data.
            Wait();
        }
        return count;
    }

    /// <summary>
    /// Sends the first bytes of the receive buffer, and puts the rest aside for a send in flight. Returns the size of the rest.
    /// </summary>
    private int Forward(ReadOnlySpan<byte> bytes, int headerBytes)
    {
        if (IsDiscarding) return 0;
        Bytes += bytes.Length - headerBytes;
        IoResult sent = _target!.Send(bytes, endFollows: _read == ReadState.Ended && !_isCut);
        if (!sent.IsSuccess && !sent.WouldBlock)
        {
            FailTarget(sent.Error);
            return 0;
        }
        int rest = bytes.Length - sent.Bytes;
        if (rest > 0) SendLater(sent.Bytes, rest);
        return rest;
    }

    /// <summary>Puts bytes of the receive buffer aside, for a send in flight.</summary>
    private void SendLater(int start, int count)
    {
        BufferChunk chunk = _buffers!.SetAside(start, count, _holder);
        switch (_target!.SendChunk(chunk, 0, count))
        {
            case IoStatus.Pending:
                _write = WriteState.Sending;
                break;
            case IoStatus.Done:
                _hasProgressed = true;
                break;
            case IoStatus.Failed:
                FailTarget(_target.LastError);
                break;
        }
    }

    private PumpResult End(bool closeFollows)
    {
        if (_write == WriteState.Open)
        {
            if (!IsDiscarding && !closeFollows) _target!.ShutdownSend();
            _write = WriteState.Ended;
        }
        return PumpResult.Ended;
    }
}
