using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Relay;

/// <content>
/// Sustained bulk: source, pipe, target, and no byte is copied. The pipe is the loop's and is empty again when a move is over: what the target did
/// not take is read out into the landing buffer and put aside like the rest of a copied move. So no session ever holds the pipe, and what a slow
/// target makes the proxy hold is bounded in the same way, by the same budget, as without it.
/// </content>
internal sealed partial class RelayDirection
{
    /// <summary>What is dropped is not worth a splice, and a header is written where it can be followed by the first bytes.</summary>
    private bool CanSplice(IHeaderSource? header) =>
        _policy.Splices && _pipe!.IsUsable && _read == ReadState.Ready && !IsDiscarding && header is not { IsPending: true };

    /// <summary>One move through the pipe.</summary>
    /// <param name="landing">The landing buffer, for what the target does not take.</param>
    private void Splice(Span<byte> landing)
    {
        int window = _policy.WindowBytes;
        IoResult taken = _source!.SpliceTo(_pipe!, window);
        if (taken.Bytes == 0)
        {
            // Where splicing is refused the pipe is not usable from here on, and the next move is a copied one.
            if (taken.IsSuccess) _read = ReadState.Ended;
            else if (taken.WouldBlock) Wait();
            else if (taken.Error != SocketError.OperationNotSupported) _read = ReadState.Failed;
            return;
        }
        Bytes += taken.Bytes;
        bool filled = taken.Bytes == window;
        // As after a short receive. It may also have been the pipe's slots that were used up: then the wait is over at once.
        if (!filled) Wait();
        IoResult sent = _target!.SpliceFrom(_pipe!);
        int rest = _pipe!.ReadAll(landing);
        if (!sent.IsSuccess && !sent.WouldBlock && sent.Error != SocketError.OperationNotSupported) _targetFailed = true;
        else if (rest > 0) SendLater(0, rest);
        _policy.OnMove(taken.Bytes, filled, rest);
    }
}
