using FastTcpProxy.Daemon.Logging;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>Bounds the connections of several listeners together. Any thread.</summary>
/// <param name="max">At once.</param>
/// <param name="log">Reports connections beyond the limit, at most once a second.</param>
internal sealed class ConnectionSlots(int max, ILogger log, TimeProvider time)
{
    private readonly Throttle _throttle = new(time);
    private int _taken;

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= max) return true;
        Release();
        if (_throttle.TryPass(out long dropped)) Events.AdminTooManyConnections(log, max, dropped);
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _taken);
}
