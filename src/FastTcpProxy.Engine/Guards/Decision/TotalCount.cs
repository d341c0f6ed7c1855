using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Guards.Decision;

/// <summary>What all clients that share <see cref="TotalLimits"/> have: of the process, or of a service. Any thread.</summary>
internal sealed class TotalCount
{
    public TokenBucket Connections { get; } = new();

    /// <summary>Sessions that wait for an upstream to accept, of those that began under a limit.</summary>
    public SessionCount Connecting { get; } = new();

    /// <summary>One more session waits for an upstream; false: there are as many as there may be.</summary>
    public bool TryEnterConnecting(int max, int loop)
    {
        if (Connecting.Max != max) Connecting.Max = max;
        return Connecting.TryEnter(loop);
    }
}
