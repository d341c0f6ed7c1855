using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// One address to which a connect can be tried: an IP address and port, or the path of a UNIX socket. Where it is does not change. What is
/// learned of the server behind it is written by the loops as each member says, and read by any thread.
/// </summary>
public sealed class UpstreamAddress
{
    /// <summary>
    /// How many attempts to an address are watched at a time after their sessions have given them up: a few more than make it suspect.
    /// </summary>
    internal const int ObservedMax = 8;

    private readonly byte[] _native;
    private int _observed;

    // The last connect time that concerns all loops: its number in the upper half, microseconds in the lower.
    private long _told;

    public UpstreamAddress(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        EndPoint = endPoint;
        Inet = InetEndPoint.FromIPEndPoint(endPoint);
        Text = endPoint.ToString();
        _native = Serialize(endPoint);
    }

    /// <param name="unixPath">A path in the file system, at most 107 bytes (unix(7)).</param>
    public UpstreamAddress(string unixPath)
    {
        EndPoint = new UnixDomainSocketEndPoint(unixPath);
        UnixPath = unixPath;
        Text = "unix:" + unixPath;
        _native = Serialize(EndPoint);
    }

    /// <param name="endPoint">An <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="standing">What is held against the server.</param>
    public static UpstreamAddress Of(EndPoint endPoint, AddressStanding standing)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return endPoint is IPEndPoint ip
            ? new UpstreamAddress(ip) { Standing = standing }
            : new UpstreamAddress(endPoint.ToString()!) { Standing = standing };
    }

    public EndPoint EndPoint { get; }

    /// <summary>Unspecified for a UNIX socket.</summary>
    public InetEndPoint Inet { get; }

    /// <summary>Null for an IP address.</summary>
    public string? UnixPath { get; }

    /// <summary>"192.0.2.10:25", "[2001:db8::1]:25", "unix:/run/x.sock".</summary>
    public string Text { get; }

    /// <summary>Whether acknowledgements to it may wait; learnt from its answers, by all loops together.</summary>
    internal DelayedAcknowledgements Acknowledgements { get; } = new();

    /// <summary>What is held against the server behind it.</summary>
    public AddressStanding Standing { get; init; } = new();

    /// <summary>What connects to it take, as each loop has measured it where that is asked for.</summary>
    private PerLoop<ConnectTime> ConnectTimes { get; } = new();

    /// <summary>
    /// What connects to it usually take, smoothed, as the loop measured it whose time is the longest; null: not asked for, or there was
    /// none. Any thread; a loop may be about to change it.
    /// </summary>
    public TimeSpan? UsualConnectTime => FindConnectTime() is { } time ? TimeSpan.FromMicroseconds(time.SmoothedUs) : null;

    /// <summary>After how long a client counts it as silent.</summary>
    /// <param name="hedge">The service's.</param>
    public TimeSpan SilentAfter(HedgePolicy hedge)
    {
        ArgumentNullException.ThrowIfNull(hedge);
        return TimeSpan.FromMilliseconds(hedge.SilentMs(FindConnectTime() ?? default));
    }

    /// <summary>What connects to it take, for a loop. Inside the loop.</summary>
    internal ref ConnectTime ConnectTimeOf(int loop)
    {
        ref ConnectTime time = ref ConnectTimes[loop];
        long told = Volatile.Read(ref _told);
        if (time.Told == (int)(told >> 32)) return ref time;
        time.Told = (int)(told >> 32);
        time.Add((uint)told);
        return ref time;
    }

    /// <summary>Takes note of a connect that was answered. Inside the loop.</summary>
    /// <param name="loop">The loop's number.</param>
    /// <param name="tookUs">How long it took.</param>
    /// <param name="tellsAll">Whether it says of a server that looked dead that it is slow. All loops have to know: one that does not would
    /// soon suspect it again.</param>
    internal void AddConnectTime(int loop, long tookUs, bool tellsAll)
    {
        ref ConnectTime time = ref ConnectTimeOf(loop);
        if (!tellsAll)
        {
            time.Add(tookUs);
            return;
        }
        while (true)
        {
            long seen = Volatile.Read(ref _told);
            long next = (long)((ulong)(uint)((seen >> 32) + 1) << 32 | (uint)Math.Min(tookUs, uint.MaxValue));
            if (Interlocked.CompareExchange(ref _told, next, seen) == seen) break;
        }
        // Its own sample comes to it by the same way.
        _ = ConnectTimeOf(loop);
    }

    private ConnectTime? FindConnectTime()
    {
        ConnectTime? longest = null;
        foreach (PerLoop<ConnectTime>.Own? own in ConnectTimes.All)
        {
            if (own is { Value: { IsKnown: true } time } && time.SmoothedUs >= (longest?.SmoothedUs ?? 0)) longest = time;
        }
        return longest;
    }

    /// <summary>Claims one of the observations of the address. Any thread.</summary>
    /// <returns>False: there are enough.</returns>
    internal bool TryObserve()
    {
        if (Interlocked.Increment(ref _observed) <= ObservedMax) return true;
        EndObservation();
        return false;
    }

    internal void EndObservation() => Interlocked.Decrement(ref _observed);

    /// <summary>As connect(2) takes it (struct sockaddr_in, sockaddr_in6, sockaddr_un).</summary>
    internal ReadOnlySpan<byte> Native => _native;

    public override string ToString() => Text;

    private static byte[] Serialize(EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Buffer.Span[..address.Size].ToArray();
    }
}
