using System.Net.Sockets;

namespace FastTcpProxy.Control.Health.Probing;

/// <content>
/// The time of a probe, without gaps of the process. One timer serves the whole probe and sleeps a little at a time, so that it notices
/// when the process was stopped. Before the timeout ends anything, the socket is polled.
/// </content>
internal sealed partial class ProbeConnection
{
    /// <summary>The clock that says when a timer fires can be behind the one that it is checked against by less than this.</summary>
    private static readonly TimeSpan TimerStep = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// How long the timer sleeps at most. When it wakes later than it should, the process did not have the time between, and the origin is
    /// not held to account for it. Most probes are over before.
    /// </summary>
    private static readonly TimeSpan Sleep = TimeSpan.FromMilliseconds(200);

    /// <summary>How long what lies in the kernel may take to be read, when the time is over or after a gap.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private long _sleepStart;
    private TimeSpan _sleep;
    private TimeSpan _lost;
    private TimeSpan _limit;
    private bool _hasGrace;

    /// <summary>The time since the start of the probe.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Whether the process had a gap in the last probe: then a failure says nothing of the origin.</summary>
    public bool HadGap { get; private set; }

    /// <summary>What of it the process had: its bounds go by this.</summary>
    private TimeSpan Had => Elapsed - _lost;

    /// <summary>What is left of the time that the process has; a pause that has just ended is taken out of it first.</summary>
    private TimeSpan TakeLeft()
    {
        lock (_gate)
        {
            NoteGap();
            return _limit - Had;
        }
    }

    private void SetLimit(TimeSpan limit)
    {
        lock (_gate)
        {
            NoteGap();
            _limit = limit;
            SetTimer();
        }
    }

    private void SetTimer()
    {
        TimeSpan left = _limit - Had;
        _sleep = left > Sleep ? Sleep : AtLeastOneStep(left);
        _sleepStart = _time.GetTimestamp();
        _timer.Change(_sleep, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes out of the reckoning how much later it is than the timer was to wake.</summary>
    private bool NoteGap()
    {
        TimeSpan late = _time.GetElapsedTime(_sleepStart) - _sleep;
        if (late < ProbeLimits.Gap) return false;
        _lost += late;
        _sleep += late;
        return HadGap = true;
    }

    /// <summary>Whether what the probe waits for has come, and is only not read yet.</summary>
    private bool HasCome()
    {
        try
        {
            return _socket is { } socket && socket.Poll(0, Phase == ProbePhase.Connect ? SelectMode.SelectWrite : SelectMode.SelectRead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            // A callback of the probe before can come late.
            if (!_isRunning) return;
            bool isAfterGap = NoteGap();
            if (_limit <= Had && !_hasGrace && (isAfterGap || HasCome()))
            {
                _hasGrace = true;
                _limit = Had + Grace;
            }
            if (_limit > Had)
            {
                SetTimer();
                return;
            }
            if (_limit >= _timeout && End == ProbeEnd.None) End = ProbeEnd.Timeout;
        }
        Interrupt();
    }

    private static TimeSpan AtLeastOneStep(TimeSpan span) => span > TimerStep ? span : TimerStep;
}
