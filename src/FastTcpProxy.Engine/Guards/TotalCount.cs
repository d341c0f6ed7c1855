using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Guards;

/// <summary>What all clients that share <see cref="TotalLimits"/> have: of the process, or of a service. Any thread.</summary>
internal sealed class TotalCount
{
    private long _fullAtNs;

    /// <summary>Sessions that wait for an upstream to accept, of those that began under a limit.</summary>
    public SessionCount Connecting { get; } = new();

    /// <summary>Takes a token of the rate, if there is one.</summary>
    /// <param name="rate">The limit.</param>
    /// <param name="nowNs">By a clock that all loops share.</param>
    public bool TryTake(in TokenRate rate, long nowNs)
    {
        if (!rate.IsLimited) return true;
        long seen = Volatile.Read(ref _fullAtNs);
        while (rate.TryTake(seen, nowNs, out long next))
        {
            long before = Interlocked.CompareExchange(ref _fullAtNs, next, seen);
            if (before == seen) return true;
            seen = before;
        }
        return false;
    }

    /// <summary>When there is a token again, in nanoseconds.</summary>
    public long RoomAtNs(in TokenRate rate, long nowNs) => rate.RoomAtNs(Volatile.Read(ref _fullAtNs), nowNs);

    /// <summary>One more session waits for an upstream; false: there are as many as there may be.</summary>
    public bool TryEnterConnecting(int max, int loop)
    {
        if (Connecting.Max != max) Connecting.Max = max;
        return Connecting.TryEnter(loop);
    }
}
