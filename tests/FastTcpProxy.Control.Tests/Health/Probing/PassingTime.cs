using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>A clock that a test moves, in small steps as it goes for a process that runs; <see cref="FakeTimeProvider.Advance"/> moves it at once, as for one that was stopped. One test owns it.</summary>
internal sealed class PassingTime : FakeTimeProvider
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    public void Pass(TimeSpan time)
    {
        for (; time > Step; time -= Step) Advance(Step);
        Advance(time);
    }
}
