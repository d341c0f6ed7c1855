namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// Whether the acknowledgements of what an upstream sends may wait for data to travel with, which saves a packet or two for each
/// connection. A server that writes an answer in pieces and uses Nagle's algorithm (RFC 896) sends the second piece only when the first is
/// acknowledged: it would stall for the 40 ms that a delayed acknowledgement waits (RFC 1122, 4.2.3.2). That gap reveals such a server, and
/// after a few gaps its acknowledgements no longer wait. Pure except for the count, which any loop may change: a lost change costs nothing.
/// </summary>
internal sealed class DelayedAcknowledgements
{
    /// <summary>The gaps that a delayed acknowledgement makes: the kernel's 40 ms, minus the resolution of our clock, and up to two of its
    /// clock ticks more.</summary>
    public const int GapMinMs = 38, GapMaxMs = 52;

    /// <summary>How many such gaps beyond one in <see cref="OthersForEach"/> answers are believed.</summary>
    public const int GapsBelieved = 3;

    /// <summary>
    /// Answers without the gap that weigh as much as one with it: a server that takes its time now and then is not one that stalls.
    /// </summary>
    public const int OthersForEach = 8;

    private int _weight;

    /// <summary>Stays false once it is: to find out again would cost clients the stall.</summary>
    public bool MayWait { get; private set; } = true;

    /// <summary>Takes note of the time between the first two pieces of an answer, nothing having been sent between them.</summary>
    public void OnGap(long milliseconds)
    {
        bool stalled = milliseconds is >= GapMinMs and <= GapMaxMs;
        int weight = Math.Max(_weight + (stalled ? OthersForEach : -1), 0);
        // All loops share it: mostly it is zero, and is then not written.
        if (weight == _weight) return;
        _weight = weight;
        if (weight > (GapsBelieved - 1) * OthersForEach) MayWait = false;
    }
}
