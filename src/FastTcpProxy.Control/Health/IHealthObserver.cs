using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// Is told of every check. Called on the thread pool, for one upstream by one thread at a time, before the next check of it starts; must
/// not block or throw.
/// </summary>
public interface IHealthObserver
{
    /// <summary>A check has ended, and what follows from it is in force.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="upstream">The upstream's name.</param>
    /// <param name="before">What was known before it.</param>
    /// <param name="after">What is known now; <see cref="UpstreamHealth.Latest"/> is the check.</param>
    void Checked(string service, string upstream, UpstreamHealth before, UpstreamHealth after);

    /// <summary>A service has become all-down, or is no longer all-down.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="allDown">Which of the two.</param>
    /// <param name="counts">How many upstreams are what (<see cref="Rotation.Counts"/>).</param>
    void AllDown(string service, bool allDown, string counts);
}
