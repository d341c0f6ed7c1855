using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Gate.Running;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.Measurements;

/// <summary>
/// How long after its start a proxy has passed a client's connection on to the upstream. Both builds start in turns, so that a pair has the
/// same moment of the machine. The driver script's own few milliseconds are in it, on both sides. One thread.
/// </summary>
internal sealed class StartTimes(GateOptions options, Side ofBase, Side ofHead, TextWriter progress)
{
    public const string Figure = "start-up, ms";

    /// <summary>Far longer than a start takes on any machine.</summary>
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    /// <summary>The finest time that a start is known to.</summary>
    private static readonly TimeSpan Knock = TimeSpan.FromMilliseconds(1);

    /// <exception cref="GateException">A proxy did not start.</exception>
    public Verdict Measure()
    {
        List<CostPair> pairs = [];
        // The first pair is for the page cache: it counts nothing.
        for (int i = -1; i < options.Starts; i++)
        {
            bool baseFirst = i % 2 == 0;
            double first = StartMs(baseFirst ? ofBase : ofHead), second = StartMs(baseFirst ? ofHead : ofBase);
            if (i >= 0) pairs.Add(baseFirst ? new CostPair(first, second) : new CostPair(second, first));
        }
        Verdict verdict = Judge.Statistical(Figure, pairs, Judge.StartFloor, Judge.StartFloorMs);
        progress.WriteLine(
            FormattableString.Invariant($"start-up: {pairs.Count} starts of each, {verdict.Base:0} and {verdict.Head:0} ms"));
        return verdict;
    }

    private static double StartMs(Side side)
    {
        using Socket upstream = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        upstream.Bind(new IPEndPoint(IPAddress.Loopback, side.UpstreamPort));
        upstream.Listen();
        using ProxyUnderTest proxy = side.Launch();
        using Socket client = Connect(proxy);
        if (!upstream.Poll(StartMax, SelectMode.SelectRead)) throw new GateException($"{side.Name}: the proxy connects to no upstream");
        double elapsed = Stopwatch.GetElapsedTime(proxy.StartedTimestamp).TotalMilliseconds;
        // A session that is open would make the proxy wait for its end, when it is stopped.
        upstream.Accept().Dispose();
        client.Dispose();
        return elapsed;
    }

    /// <summary>Connects again and again until it is accepted.</summary>
    private static Socket Connect(ProxyUnderTest proxy)
    {
        while (true)
        {
            Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                client.Connect(IPAddress.Loopback, proxy.Port);
                return client;
            }
            catch (SocketException)
            {
                client.Dispose();
                proxy.ThrowIfEnded();
                if (Stopwatch.GetElapsedTime(proxy.StartedTimestamp) > StartMax)
                    throw new GateException($"the proxy does not listen on 127.0.0.1:{proxy.Port}");
                Thread.Sleep(Knock);
            }
        }
    }
}
