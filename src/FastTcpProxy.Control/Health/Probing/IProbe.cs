using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Asks one upstream once. Used by one check at a time, again and again, on the thread pool; it owns what it keeps from probe to probe.
/// </summary>
public interface IProbe : IDisposable
{
    /// <summary>
    /// Never throws for what the network or the origin does; ends within the check's timeout, or soon after <paramref name="stop"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    Task<ProbeResult> RunAsync(CancellationToken stop);
}
