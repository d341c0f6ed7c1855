namespace FastTcpProxy.Daemon.Logging.Recent;

/// <summary>
/// The last events of one kind: a full one loses the oldest. Events have a place, from 0 on, which stays theirs. Its owner locks it.
/// </summary>
internal sealed class EventStore(int capacity)
{
    private readonly RecentEvent[] _slots = new RecentEvent[capacity];

    /// <summary>The place of the next event.</summary>
    public long End { get; private set; }

    /// <summary>The place of the oldest that is held.</summary>
    public long Begin => Math.Max(0, End - capacity);

    public RecentEvent this[long place] => _slots[place % capacity];

    public void Add(RecentEvent recent) => _slots[End++ % capacity] = recent;

    /// <summary>The place of the first that is held and has a greater sequence number.</summary>
    public long After(long sequence)
    {
        (long low, long high) = (Begin, End);
        while (low < high)
        {
            long middle = (low + high) / 2;
            if (this[middle].Sequence > sequence) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
