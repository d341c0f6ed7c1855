using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// Bounds the connections of several listeners together. At the bound a new one gets the place of the one that has been idle for longest,
/// so that clients that keep connections, or do not read their answers, lock no operator out. Any thread.
/// </summary>
/// <param name="max">At once.</param>
/// <param name="log">Reports connections that were closed for it, at most once a second.</param>
internal sealed class ConnectionSlots(int max, ILogger log, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<ConnectionPlace> _taken = [];
    private readonly SemaphoreSlim _free = new(max, max);
    private readonly Throttle _givenUp = new(time), _refused = new(time);

    /// <summary>Takes a place; null: there is none, and none is idle.</summary>
    /// <param name="origin">Who wants it, for people.</param>
    public async ValueTask<ConnectionPlace?> TakeAsync(string origin)
    {
        if (_free.Wait(0)) return Add(origin);
        if (TryEndIdlest() && await _free.WaitAsync(AdminLimits.PlaceWait)) return Add(origin);
        if (_refused.TryPass(out long dropped)) Events.AdminTooManyConnections(log, max, dropped);
        return null;
    }

    /// <summary>Its connection has ended.</summary>
    public void Release(ConnectionPlace place)
    {
        lock (_lock) _taken.Remove(place);
        _free.Release();
    }

    private ConnectionPlace Add(string origin)
    {
        ConnectionPlace place = new(origin, time);
        lock (_lock) _taken.Add(place);
        return place;
    }

    private bool TryEndIdlest()
    {
        ConnectionPlace? idlest;
        lock (_lock) idlest = _taken.MaxBy(p => p.IdleTime);
        if (idlest is null || idlest.IdleTime < AdminLimits.IdleMin) return false;
        if (_givenUp.TryPass(out long dropped))
            Events.AdminConnectionGivenUp(log, max, idlest.Origin, idlest.IdleTime.TotalSeconds, dropped);
        idlest.End();
        return true;
    }
}
