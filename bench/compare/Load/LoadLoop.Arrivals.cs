namespace FastTcpProxy.Compare.Load;

/// <summary>The open model: operations begin at intended times, whatever becomes of those before them.</summary>
internal sealed unsafe partial class LoadLoop
{
    /// <summary>Round trips: the open connections, which take the arrivals in turn.</summary>
    private Connection[] _turn = [];
    
    /// <summary>From the moment that all is open to the end of the window.</summary>
    private bool _arriving;

    private void BeginArrivals()
    {
        if (_options.Kind == LoadKind.PingPong) _turn = [.. _slots.Where(c => c is { Side: ConnectionSide.Client, Answered: true })];
        _schedule!.Begin(NowNs);
        _arriving = true;
    }

    private void TakeArrivals(long nowNs)
    {
        while (_schedule!.TryTake(nowNs, out long number))
        {
            long intended = _schedule.At(number);
            _latency!.RecordStart(intended, nowNs);
            if (_options.Kind == LoadKind.Connections) ArriveConnection(intended);
            else ArriveMessage(_turn[number % _turn.Length], intended);
        }
    }

    private void ArriveConnection(long intendedNs)
    {
        // More would only fill the descriptors: the proxy is far behind, and what does not begin is an error.
        if (_clients >= _options.Connections)
            Miss($"{_clients} connections wait for an answer: the proxy does not keep up with the rate", intendedNs);
        else if (Connect() is { } client) client.IntendedNs = intendedNs;
        else _latency!.Forget(intendedNs);
    }

    private void ArriveMessage(Connection client, long intendedNs)
    {
        if (!client.Answered) Miss("a connection that had broken was to send", intendedNs);
        else if (client.Busy) client.Queued++;
        else Request(client, intendedNs);
    }

    private void Miss(string what, long intendedNs)
    {
        _errors++;
        _firstError ??= what;
        _latency!.Forget(intendedNs);
    }

    /// <summary>A connection broke: what it was doing, and was to do next, will have no answer.</summary>
    private void ForgetArrivals(Connection client)
    {
        for (int i = 0; i <= client.Queued; i++) _latency!.Forget(client.IntendedNs + PeriodsNs(i));
        _errors += client.Queued;
    }

    /// <summary>The time between so many arrivals at the same connection.</summary>
    private long PeriodsNs(int periods) => _schedule!.At(periods * (long)_options.Connections) - _schedule.At(0);

    /// <summary>
    /// Waits for what began in the window. What has no answer by then counts with the time it has waited, and as an error.
    /// </summary>
    private void AwaitAnswers(long endNs)
    {
        // Those that were due before the end and not taken yet: left out, they would hide that the load itself was held up.
        TakeArrivals(endNs - 1);
        _arriving = false;
        _latency!.CloseWindow(endNs);
        while (_latency.Pending > 0 && NowNs < endNs + GraceNs) Turn(MillisecondNs);
        if (_latency.Pending == 0) return;
        _errors += _latency.Pending;
        _firstError ??= $"operations had no answer within {GraceNs / SecondNs} s";
        long now = NowNs;
        HashSet<Connection> free = [.. _free];
        foreach (Connection client in _slots.Where(c => c is { Side: ConnectionSide.Client, Busy: true } && !free.Contains(c)))
        {
            for (int i = 0; i <= client.Queued; i++) _latency.Record(client.IntendedNs + PeriodsNs(i), now);
        }
    }
}
