using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>
/// A clock that a test moves, in small steps as it goes for a process that runs; <see cref="FakeTimeProvider.Advance"/> moves it at once,
/// as for one that was stopped. One test owns it.
/// </summary>
internal sealed class PassingTime : FakeTimeProvider
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private int _timers;

    /// <summary>How many timers were made: one for each wait by this clock.</summary>
    public int Timers => Volatile.Read(ref _timers);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _timers);
        return timer;
    }

    public void Pass(TimeSpan time)
    {
        for (; time > Step; time -= Step) Advance(Step);
        Advance(time);
    }
}
