using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Testing.Simulation;

/// <content>
/// The operations of a simulated stream: how they complete, each through the loop's mailbox, as those of real sockets do.
/// </content>
internal sealed partial class SimStream
{
    /// <summary>One kind of operation of one stream; in flight at most once at a time.</summary>
    private sealed class Operation(SimStream stream, Action completed) : ILoopItem
    {
        private bool _finishing;

        public bool IsInFlight { get; private set; }

        /// <summary>Whether it has ended, or will as soon as the loop hears of it.</summary>
        public bool IsOver => _finishing || !IsInFlight;

        public ILoopItem? NextQueued { get; set; }

        public void Start()
        {
            IsInFlight = true;
            _finishing = false;
            stream._inFlight++;
        }

        /// <summary>Lets the operation complete after its delay; what completes already continues.</summary>
        public void Finish()
        {
            if (!IsInFlight || _finishing) return;
            _finishing = true;
            stream._world.Complete(this);
        }

        public void Cancel() => Finish();

        /// <summary>There was nothing to complete with after all: it waits on.</summary>
        public void Resume() => _finishing = false;

        public void End()
        {
            IsInFlight = false;
            stream._inFlight--;
        }

        public void Run()
        {
            if (stream._state != State.Closed)
            {
                completed();
                return;
            }
            End();
            if (ReferenceEquals(this, stream._send)) stream.ReturnChunk();
            if (stream._inFlight == 0) stream._transport.OnDrained();
        }

        public void OnFault(Exception fault) => stream.Owner?.OnStreamFault(stream, fault);
    }

    private void OnConnectCompleted()
    {
        _connect.End();
        SocketError error = _connectError;
        if (error == SocketError.Success) Join();
        else _state = State.Failed;
        Active();
        Owner!.OnConnected(this, error);
    }

    private void OnWaitCompleted()
    {
        if (!_end!.IsReadable && !IsFalselyReadable())
        {
            _wait.Resume();
            return;
        }
        _wait.End();
        _end.TryTakeErrorOfWait(out SocketError error);
        if (_end.IsReadable) Active();
        Owner!.OnReadable(this, error);
    }

    private void OnSendCompleted()
    {
        if (!PushChunk(out SocketError error))
        {
            _send.Resume();
            if (_end!.CanSend) _send.Finish();
            return;
        }
        _send.End();
        ReturnChunk();
        Active();
        Owner!.OnSent(this, error);
    }

    /// <summary>Moves what there is room for. True when the chunk is through, or the connection broken.</summary>
    private bool PushChunk(out SocketError error)
    {
        error = SocketError.Success;
        int count = _world.Chance(_world.Faults.PartialSend) ? _world.Next(1, _chunkCount + 1) : _chunkCount;
        IoResult sent = _end!.Send(_chunk!.Span.Slice(_chunkOffset, count), hold: false);
        if (!sent.IsSuccess && !sent.WouldBlock)
        {
            error = sent.Error;
            return true;
        }
        if (sent.Bytes > 0) Active();
        _chunkOffset += sent.Bytes;
        _chunkCount -= sent.Bytes;
        return _chunkCount == 0;
    }

    private void ReturnChunk()
    {
        Expect(_chunk!.Generation == _chunkGeneration, "a chunk changed hands while it was being sent");
        _world.Buffers.Return(_chunk);
        _chunk = null;
    }
}
