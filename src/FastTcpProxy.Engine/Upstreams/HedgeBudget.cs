namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// How many second attempts the sessions of a service may start on one loop: a bucket of tokens that each session and each second fill. The
/// rate and the burst are the loop's part of the policy's, the burst at least one. So over any time, <c>percent</c> of the sessions plus
/// <c>perSecond</c> for each second plus <c>burst</c>, or one for each loop, are not exceeded. Pure; a value that one loop writes.
/// </summary>
internal struct HedgeBudget
{
    private const long Token = 100_000;

    private long _tokens;
    private long _atMs;
    private bool _isStarted;

    /// <summary>A session begins.</summary>
    public void Earn(HedgePolicy policy, int loops, long nowMs)
    {
        Fill(policy, loops, nowMs);
        _tokens = Math.Min(_tokens + (policy.Percent * (Token / 100)), Capacity(policy, loops));
    }

    /// <summary>Takes a token for a second attempt.</summary>
    /// <returns>False: there is none.</returns>
    public bool TryTake(HedgePolicy policy, int loops, long nowMs)
    {
        Fill(policy, loops, nowMs);
        if (_tokens < Token) return false;
        _tokens -= Token;
        return true;
    }

    private void Fill(HedgePolicy policy, int loops, long nowMs)
    {
        long capacity = Capacity(policy, loops);
        long elapsedMs = _isStarted ? Math.Clamp(nowMs - _atMs, 0, 3_600_000) : 0;
        _tokens = _isStarted ? Math.Min(_tokens + (elapsedMs * policy.PerSecond * (Token / 1000) / loops), capacity) : capacity;
        (_isStarted, _atMs) = (true, nowMs);
    }

    private static long Capacity(HedgePolicy policy, int loops) => Math.Max(policy.Burst * Token / loops, Token);
}
