using System.Diagnostics;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Relay;

/// <content>A direction whose target is replaced before it was told anything, or is gone.</content>
internal sealed partial class RelayDirection
{
    /// <summary>Whether it has a source and a target.</summary>
    public bool IsOpen => _source is not null;

    /// <summary>Whether the target has been told nothing: no byte, no end.</summary>
    public bool IsUntold => Bytes == 0 && !IsSourceDone;

    /// <summary>Goes to another target in place of one that has been told nothing. A wait on the source stays in flight.</summary>
    /// <param name="headerFirst">As in <see cref="Open"/>.</param>
    public void Redirect(StreamSocket target, bool headerFirst)
    {
        Debug.Assert(Bytes == 0 && !IsBlocked, "the target was told something");
        _target = target;
        if (headerFirst) _write = WriteState.OwesHeader;
    }

    /// <summary>The target is gone: further bytes of the source are read and discarded, so that the source reads on.</summary>
    public void Discard()
    {
        ReturnPipe();
        IsDiscarding = true;
        _targetFailed = false;
        _write = WriteState.Open;
    }
}
