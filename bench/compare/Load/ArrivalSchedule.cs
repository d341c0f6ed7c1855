namespace FastTcpProxy.Compare.Load;

/// <summary>
/// The intended starts of an open model: evenly spaced from a beginning, whatever becomes of the operations. One thread.
/// </summary>
/// <param name="rate">Arrivals a second, above 0.</param>
internal sealed class ArrivalSchedule(double rate)
{
    private readonly double _intervalNs = 1e9 / rate;
    private long _beginNs;

    /// <summary>The number of arrivals so far.</summary>
    public long Count { get; private set; }

    public void Begin(long nowNs) => _beginNs = nowNs;

    /// <summary>When the next one is due.</summary>
    public long NextNs => At(Count);

    /// <summary>When an arrival is due.</summary>
    /// <param name="number">From 0.</param>
    public long At(long number) => _beginNs + (long)(number * _intervalNs);

    /// <summary>Takes the next arrival if it is due.</summary>
    public bool TryTake(long nowNs, out long number)
    {
        number = Count;
        if (nowNs < NextNs) return false;
        Count++;
        return true;
    }
}
