using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>
/// start: from the start of the process to the moment that a client's connection has come through to the upstream, which is later than the
/// proxy's accept by a connect. Anywhere on the machine, as a proxy is started. One thread.
/// </summary>
internal static class StartMeasurement
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    /// <exception cref="ContestantException">A contestant failed.</exception>
    public static Measurement Run(Bed bed, Subject subject, ProxyMode mode)
    {
        Contestant[] contestants = [.. bed.Contestants.Where(c => !c.IsForStreamsOnly)];
        RoundTable rounds = new(bed.Options.Rounds);
        while (rounds.NeedsMore)
        {
            bed.Report($"{subject.Name()} {mode.Name()}: round {rounds.Next + 1}");
            rounds.Add([.. contestants.Select(contestant => new Outcome(Measure(bed, contestant, mode)))], isStarved: false);
        }
        return rounds.ToMeasurement(bed.Options.Threads, subject, mode, contestants);
    }

    private static double Measure(Bed bed, Contestant contestant, ProxyMode mode)
    {
        int[] ports = ListeningPorts.FindFree(2);
        using Socket upstream = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        upstream.Bind(new IPEndPoint(IPAddress.Loopback, ports[0]));
        upstream.Listen();
        RunningContestant running = bed.StartUnpinned(contestant, new(ports[1], ports[0], mode, bed.Options.Threads, bed.ConnectionsMax));
        using Socket client = Connect(running);
        if (!upstream.Poll(Timeout, SelectMode.SelectRead)) throw new ContestantException(running.Describe("connects to no upstream"));
        double elapsed = Stopwatch.GetElapsedTime(running.StartedTimestamp).TotalMilliseconds;
        using (upstream.Accept()) bed.Stop([running]);
        return elapsed;
    }

    /// <summary>Connects again and again until it is accepted.</summary>
    private static Socket Connect(RunningContestant running)
    {
        while (true)
        {
            Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                client.Connect(IPAddress.Loopback, running.Setup.ListenPort);
                return client;
            }
            catch (SocketException)
            {
                client.Dispose();
                running.ThrowIfDead();
                if (Stopwatch.GetElapsedTime(running.StartedTimestamp) > Timeout)
                    throw new ContestantException(running.Describe($"does not listen on 127.0.0.1:{running.Setup.ListenPort}"));
                Thread.Sleep(1);
            }
        }
    }
}
