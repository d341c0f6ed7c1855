using FastTcpProxy.Gate.Running;

namespace FastTcpProxy.Gate.Measurements;

/// <summary>
/// What a proxy allocates for a connection and for a round trip, exactly. The proxy must have been started with its probe. One thread.
/// </summary>
internal static class AllocatedBytes
{
    /// <summary>Connections before the first count: pools have grown, the compiler has optimized, buffers are there.</summary>
    public const int WarmUpConnections = 5_000;

    /// <summary>Managed bytes of a connection.</summary>
    public static double PerConnection(ProxyUnderTest proxy, SerialLoad load, int connections) =>
        (double)During(proxy, () => load.RunConnections(connections)) / connections;

    /// <summary>Managed bytes of a round trip.</summary>
    public static double PerRoundTrip(ProxyUnderTest proxy, SerialLoad load, int roundTrips)
    {
        long bytes = 0;
        load.RunRoundTrips(roundTrips, all => bytes = During(proxy, all));
        return (double)bytes / roundTrips;
    }

    private static long During(ProxyUnderTest proxy, Action action)
    {
        // What asking costs, which is a few strings.
        long first = proxy.ReadAllocation(), before = proxy.ReadAllocation(), question = before - first;
        action();
        return proxy.ReadAllocation() - before - question;
    }
}
