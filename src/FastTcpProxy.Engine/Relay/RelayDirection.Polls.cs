using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Relay;

/// <content>
/// A source is believed only when it gives bytes, an end of stream or an error. A direction that is told again and again that its source is
/// readable, and finds nothing, stops waiting, because each wait could complete at once. It polls instead, and a poll that finds nothing
/// keeps no session alive.
/// </content>
internal sealed partial class RelayDirection
{
    /// <summary>
    /// How often in a row a receive may find nothing although the source was said to be readable. Then the direction no longer waits, which
    /// could end at once for ever; its session polls it after a while.
    /// </summary>
    public const int FruitlessMax = 16;

    private bool _hasProgressed;
    private long _counted;
    private int _fruitless;

    /// <summary>By what the source or the target broke, whichever did so last.</summary>
    public SocketError Error { get; private set; }

    /// <summary>
    /// Whether nothing waits for the source any more, because waits end with nothing to read: see <see cref="PollAgain"/>.
    /// </summary>
    public bool IsMisled => _read == ReadState.Misled;

    /// <summary>
    /// Whether the kernel has what it waits for and has not delivered it yet. Unread bytes of a source whose target is slow do not count:
    /// nothing waits for them.
    /// </summary>
    public bool IsWaitOver => _write == WriteState.Sending ? _target!.IsWritable() : _read == ReadState.Waiting && _source!.IsReadable();

    /// <summary>The next pump polls a source that has misled the direction. It waits again when something has come.</summary>
    public void PollAgain()
    {
        Debug.Assert(_read == ReadState.Misled, "nothing has misled it");
        _read = ReadState.Ready;
        _fruitless = FruitlessMax - 1;
    }

    /// <summary>Whether bytes or an end of stream have moved since the last call. A poll that found nothing is no progress.</summary>
    public bool TakeProgress()
    {
        bool progressed = _hasProgressed;
        _hasProgressed = false;
        return progressed;
    }

    /// <summary>Those of <see cref="Bytes"/> that came since the last call.</summary>
    public long TakeUncounted()
    {
        long uncounted = Bytes - _counted;
        _counted = Bytes;
        return uncounted;
    }

    /// <summary>The source has given bytes, its end or its error: what was said of it was true.</summary>
    private void OnTaken()
    {
        _fruitless = 0;
        _hasProgressed = true;
    }

    private void Wait()
    {
        switch (_source!.WaitReadable())
        {
            case IoStatus.Pending:
                _read = ReadState.Waiting;
                break;
            case IoStatus.Failed:
                FailSource(_source.LastError);
                break;
        }
    }

    private void FailSource(SocketError error)
    {
        _read = ReadState.Failed;
        Error = error;
    }

    private void FailTarget(SocketError error)
    {
        _targetFailed = true;
        Error = error;
    }
}
