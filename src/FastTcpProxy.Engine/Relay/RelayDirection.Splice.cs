using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Relay;

/// <content>
/// Sustained bulk: source, pipe, target, and no byte is copied. What the target does not take is read out of the pipe into the receive
/// buffer and put aside like the rest of a copied move. If the rest is larger than the receive buffer, only a first piece is read out. The
/// completion of its send shows that the target has room again, and until then the direction keeps the pipe.
/// </content>
internal sealed partial class RelayDirection
{
    /// <summary>What is read out of a pipe that is kept: little, as it is copied only to learn when there is room.</summary>
    private const int FirstPieceBytes = 4 << 10;

    /// <summary>Whether its moves are spliced.</summary>
    public bool Splices => _policy.Splices;

    /// <summary>What is dropped is not worth a splice, and a header lies where it can be followed by the first bytes.</summary>
    private bool CanSplice(int headerBytes) =>
        _policy.Splices && !_spliceGaveNothing && _pipes!.IsUsable && _read == ReadState.Ready && !IsDiscarding && headerBytes == 0;

    /// <summary>One move through a pipe: through that which is kept, or one for this move. Returns how many bytes there were.</summary>
    /// <param name="room">As much of the receive buffer as can be put aside, for what the target does not take.</param>
    private int Splice(Span<byte> room)
    {
        int window = Math.Min(_policy.SpliceBytes, _pipes!.MoveBytesMax);
        // When buffers are short nothing is left in a pipe that could not be read out.
        if (room.Length < _pipes.Terms.RestBytesMax) window = Math.Min(window, room.Length);
        bool isKept = _pipe is not null;
        _pipe ??= _pipes.Take();
        if (!isKept) Fill(_pipe, window);
        int bytes = _pipe.Bytes;
        if (bytes > 0)
        {
            int rest = Drain(_pipe, room);
            if (!isKept) _policy.OnMove(bytes, filled: bytes == window, rest);
        }
        if (_pipe.Bytes == 0 || _targetFailed) ReturnPipe();
        return bytes;
    }

    /// <summary>
    /// Splices the waiting bytes into the empty pipe. Only bytes are believed: at the mark of urgent data splice(2) says "nothing" or "end"
    /// although bytes remain, and a direction that believed it would end too early, or loop. So a plain receive decides, in the next move.
    /// </summary>
    private void Fill(StreamPipe pipe, int window)
    {
        IoResult taken = _source!.SpliceTo(pipe, window);
        if (taken.Bytes > 0)
        {
            Bytes += taken.Bytes;
            OnTaken();
            // As after a short receive. It may also have been the pipe's slots that were used up: then the wait is over at once.
            if (taken.Bytes < window) Wait();
            return;
        }
        // Where splicing is refused the pipe is not usable from here on, and the next move is a copied one.
        if (taken.IsSuccess || taken.WouldBlock) _spliceGaveNothing = true;
        else if (taken.Error != SocketError.OperationNotSupported) FailSource(taken.Error);
    }

    /// <summary>Sends what is in the pipe. Returns how much of it the target did not take at once.</summary>
    private int Drain(StreamPipe pipe, Span<byte> room)
    {
        IoResult sent = _target!.SpliceFrom(pipe);
        int rest = pipe.Bytes;
        if (sent.Bytes > 0) _hasProgressed = true;
        // A target that took nothing although it has room is found out by the send of the rest, which is a plain one.
        if (!sent.IsSuccess && !sent.WouldBlock && sent.Error != SocketError.OperationNotSupported) FailTarget(sent.Error);
        else if (rest > 0) SendLater(0, pipe.Read(room[..PieceOf(rest, room.Length)]));
        return rest;
    }

    private int PieceOf(int rest, int assured)
    {
        int restMax = Math.Min(_pipes!.Terms.RestBytesMax, assured);
        return rest <= restMax ? rest : Math.Min(FirstPieceBytes, restMax);
    }

    private void ReturnPipe()
    {
        if (_pipe is not { } pipe) return;
        _pipe = null;
        _pipes!.Return(pipe);
    }
}
