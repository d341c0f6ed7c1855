using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Testing.Simulation;

/// <content>What a simulated stream is polled for, without waiting; a poll takes nothing.</content>
internal sealed partial class SimStream
{
    public override bool IsReset()
    {
        Expect(_state == State.Connected, "a poll of a stream that is not connected");
        return _end!.IsBroken;
    }

    public override bool IsReadable()
    {
        Expect(_state == State.Connected, "a poll of a stream that is not connected");
        return _end!.IsReadable;
    }

    public override bool IsWritable()
    {
        Expect(_state is State.Connecting or State.Connected, "a look at a stream that is neither connected nor about to be");
        return _state == State.Connecting ? _connect.IsOver : _end!.CanSend;
    }

    public override bool IsEnded()
    {
        Expect(_state == State.Connected, "a poll of a stream that is not connected");
        return _end!.IsEnded;
    }

    public override long UnacknowledgedBytes()
    {
        Expect(_state == State.Connected, "a poll of a stream that is not connected");
        return _end!.UnarrivedBytes;
    }

    public override bool TryGetSendState(out SendState state)
    {
        Expect(_state == State.Connected, "a poll of a stream that is not connected");
        int unarrived = _end!.UnarrivedBytes;
        state = new SendState((uint)(_end.SentBytes - unarrived), unarrived > 0 ? 1u : 0, WindowBytes: 1, 0, 0, 0);
        return true;
    }
}
