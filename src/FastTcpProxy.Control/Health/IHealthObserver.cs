using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// Hears of every check. Called on the thread pool, for one upstream by one thread at a time, before the next check of it starts; must not block or throw.
/// </summary>
public interface IHealthObserver
{
    /// <summary>A check has ended, and what follows from it is in force.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="upstream">The upstream's name.</param>
    /// <param name="before">What was known before it.</param>
    /// <param name="after">What is known now; <see cref="UpstreamHealth.Latest"/> is the check.</param>
    void Checked(string service, string upstream, UpstreamHealth before, UpstreamHealth after);

    /// <summary>The last upstream of a service that was not down has gone down, or the first one is back.</summary>
    void AllOut(string service, bool allOut);
}
