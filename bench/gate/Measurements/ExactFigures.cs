using FastTcpProxy.Gate.Running;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.Measurements;

/// <summary>
/// What is the same in every run: allocated bytes and system calls, of a connection and of a round trip. Both builds take turns. One
/// thread.
/// </summary>
internal static class ExactFigures
{
    private const int Repeats = 3;
    private const int Connections = 4_000, RoundTrips = 10_000;
    private const int TracedConnections = 300, TracedRoundTrips = 1_000;

    /// <summary>Far longer than the proxy takes for one event, also under strace.</summary>
    private static readonly TimeSpan TracedPause = TimeSpan.FromMilliseconds(1);

    /// <exception cref="GateException">Something could not be measured.</exception>
    public static IReadOnlyList<Verdict> Measure(Side ofBase, Side ofHead, TextWriter progress)
    {
        using ProxyUnderTest baseProxy = ofBase.Start(withProbe: true), headProxy = ofHead.Start(withProbe: true);
        (Side Side, ProxyUnderTest Proxy)[] sides = [(ofBase, baseProxy), (ofHead, headProxy)];
        List<double>[] bytesOfConnection = [[], []], bytesOfRoundTrip = [[], []], callsOfConnection = [[], []], callsOfRoundTrip = [[], []];
        foreach ((Side side, _) in sides) Load(side, TimeSpan.Zero, load => load.RunConnections(AllocatedBytes.WarmUpConnections));
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            for (int i = 0; i < sides.Length; i++)
            {
                (Side side, ProxyUnderTest proxy) = sides[i];
                Load(side, TimeSpan.Zero, load =>
                {
                    bytesOfConnection[i].Add(AllocatedBytes.PerConnection(proxy, load, Connections));
                    bytesOfRoundTrip[i].Add(AllocatedBytes.PerRoundTrip(proxy, load, RoundTrips));
                });
                Load(side, TracedPause, load =>
                {
                    callsOfConnection[i].Add(SystemCallCount.PerConnection(proxy.Id, load, TracedConnections));
                    callsOfRoundTrip[i].Add(SystemCallCount.PerRoundTrip(proxy.Id, load, TracedRoundTrips));
                });
            }
            progress.WriteLine($"exact figures: {repeat + 1} of {Repeats}");
        }
        return
        [
            Judge.Exact("allocated bytes per connection", bytesOfConnection[0], bytesOfConnection[1], Judge.AllocatedBytesTolerance),
            Judge.Exact("allocated bytes per round trip", bytesOfRoundTrip[0], bytesOfRoundTrip[1], Judge.AllocatedBytesTolerance),
            Judge.Exact("system calls per connection", callsOfConnection[0], callsOfConnection[1], Judge.SystemCallsTolerance),
            Judge.Exact("system calls per round trip", callsOfRoundTrip[0], callsOfRoundTrip[1], Judge.SystemCallsTolerance),
        ];
    }

    private static void Load(Side side, TimeSpan pause, Action<SerialLoad> run)
    {
        using SerialLoad load = new(side.Port, side.UpstreamPort, pause);
        run(load);
    }
}
