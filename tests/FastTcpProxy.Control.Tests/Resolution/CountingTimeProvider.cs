using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Control.Tests.Resolution;

/// <summary>A clock that a test moves, and that tells how often someone began to wait for a given time. Any thread.</summary>
internal sealed class CountingTimeProvider : FakeTimeProvider
{
    private readonly ConcurrentDictionary<TimeSpan, int> _waits = new();

    /// <summary>How many timers were ever asked for.</summary>
    public int AllWaits => _waits.Values.Sum();

    /// <summary>How many timers of this length were ever asked for.</summary>
    public int Waits(TimeSpan length) => _waits.GetValueOrDefault(length);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.AddOrUpdate(dueTime, 1, (_, count) => count + 1);
        return timer;
    }
}
