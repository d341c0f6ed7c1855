using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// Is told of every check, and of what follows for a service. Called on the thread pool, for one upstream by one thread at a time, before
/// the next check of it starts; must not block or throw.
/// </summary>
public interface IHealthObserver
{
    /// <summary>A check has ended, and what follows from it is in force.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="upstream">The upstream's name.</param>
    /// <param name="before">What was known before it.</param>
    /// <param name="after">What is known now; <see cref="UpstreamHealth.Latest"/> is the check.</param>
    void Checked(string service, string upstream, UpstreamHealth before, UpstreamHealth after);

    /// <summary>
    /// No upstream of a service is up any more, whether checks, operators, the configuration or a name took the last one; or one is again.
    /// </summary>
    /// <param name="service">The service's name.</param>
    /// <param name="isAnyUp">Which of the two.</param>
    /// <param name="counts">How many upstreams are what (<see cref="Rotation.Counts"/>).</param>
    void AnyUp(string service, bool isAnyUp, string counts);
}
