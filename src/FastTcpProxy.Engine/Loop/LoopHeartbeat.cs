namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// Reports that all loops are alive: each has its own timer, and the last one of a round reports. A loop that hangs, or a ticker that has
/// stopped, ends the rounds. Its parts belong to their loops; what they share is here, and each of them touches it once a round.
/// </summary>
internal sealed class LoopHeartbeat
{
    private readonly Action _allAlive;
    private readonly int _loops;
    private readonly long _everyMs;
    private int _missing;
    private int _round = 1;
    private volatile bool _stopped;

    /// <param name="loops">All of them.</param>
    /// <param name="every">How often each loop reports; a round takes at least this long, and less than twice as long on loops that keep
    /// up.</param>
    /// <param name="allAlive">Called inside a loop, once a round; must not block. An exception of it is counted as a fault of the
    /// loop.</param>
    public LoopHeartbeat(IReadOnlyList<EventLoop> loops, TimeSpan every, Action allAlive)
    {
        _allAlive = allAlive;
        _loops = _missing = loops.Count;
        _everyMs = (long)every.TotalMilliseconds;
        foreach (EventLoop loop in loops)
        {
            Sign sign = new(this, loop);
            loop.Dispatch(new LoopCommand(sign.Begin));
        }
    }

    /// <summary>No more rounds; each loop drops its timer when it next reports.</summary>
    public void Stop() => _stopped = true;

    private void OnSign(ref int lastRound)
    {
        int round = Volatile.Read(ref _round);
        if (round == lastRound) return;
        lastRound = round;
        if (Interlocked.Decrement(ref _missing) > 0) return;
        // In this order: a thread that sees the new round finds all loops missing.
        _missing = _loops;
        Volatile.Write(ref _round, round + 1);
        _allAlive();
    }

    private sealed class Sign(LoopHeartbeat heartbeat, EventLoop loop) : TimerNode
    {
        private int _lastRound;

        // The reader of the heartbeat counts a pause of the process too, so a sign is sent as soon as the process continues.
        public void Begin()
        {
            loop.AfterGap += OnTimer;
            OnTimer();
        }

        public override void OnTimer()
        {
            if (heartbeat._stopped) return;
            loop.Timers.Schedule(this, loop.NowMs + heartbeat._everyMs);
            heartbeat.OnSign(ref _lastRound);
        }

        public override void OnFault(Exception fault)
        {
        }
    }
}
