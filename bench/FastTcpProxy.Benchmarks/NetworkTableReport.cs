using System.Diagnostics;
using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// What a table of a million networks takes in memory and time: to read the file, to make the table, to ask it, to change it while a thread
/// asks; and what HAProxy takes for the same file, in the same rounds. Times are medians of the rounds.
/// </summary>
internal static class NetworkTableReport
{
    private const int Networks = 1_000_000, Deletions = 10_000, Additions = 10_000, Rounds = 7, Connections = 200;

    public static int Run()
    {
        foreach (EndPointFamily family in (ReadOnlySpan<EndPointFamily>)[EndPointFamily.InterNetwork, EndPointFamily.InterNetworkV6])
        {
            Console.WriteLine($"{Networks} networks, {(family == EndPointFamily.InterNetwork ? "IPv4" : "IPv6")}");
            string many = Path.GetTempFileName(), one = Path.GetTempFileName();
            try
            {
                RandomNetworks networks = new(family, seed: 1);
                File.WriteAllLines(many, networks.Entries(Networks).Select(e => e.Network.ToString()), new UTF8Encoding(false));
                File.WriteAllText(one, "192.0.2.1\n");
                ReportChanges(many, networks);
                ReportLookups(family, many, one, networks);
            }
            finally
            {
                File.Delete(many);
                File.Delete(one);
            }
        }
        return 0;
    }

    private static void ReportChanges(string path, RandomNetworks networks)
    {
        List<double> read = [], made = [], merged = [], deleted = [], added = [];
        long before = 0, after = 0;
        double worst = 0;
        for (int round = 0; round < Rounds; round++)
        {
            NetworkTable table = new();
            before = GC.GetTotalMemory(forceFullCollection: true);
            long start = Stopwatch.GetTimestamp();
            NetworkList list = NetworkListReader.Read(path, NetworkAction.Deny, 1);
            read.Add(Since(start));
            start = Stopwatch.GetTimestamp();
            table.Replace(null, list.Entries.Span, 0);
            made.Add(Since(start));
            NetworkEntry[] some = list.Entries[..Deletions].ToArray();
            list = new NetworkList(default, 0, [], 0);
            after = GC.GetTotalMemory(forceFullCollection: true);
            WhileAsked(table, networks, () =>
            {
                start = Stopwatch.GetTimestamp();
                foreach (NetworkEntry entry in some) table.Remove(entry, 0);
                deleted.Add(Since(start));
                added.Add(Add(table, networks, ref worst));
                start = Stopwatch.GetTimestamp();
                table.Merge(0);
                merged.Add(Since(start));
            });
        }
        Console.WriteLine(Invariant($"  read {Median(read):F0} ms, made {Median(made):F0} ms, ")
            + Invariant($"{(double)(after - before) / Networks:F1} bytes an entry"));
        Console.WriteLine(Invariant($"  while a thread asks: {Deletions} deletions {Median(deleted):F1} ms; ")
            + Invariant($"made anew in {Median(merged):F1} ms; ")
            + Invariant($"an addition {Median(added) * 1000 / Additions:F1} us on average, the longest {worst:F1} ms"));
    }

    private static void ReportLookups(EndPointFamily family, string many, string one, RandomNetworks networks)
    {
        NetworkTable table = new();
        table.Replace(null, NetworkListReader.Read(many, NetworkAction.Deny, 1).Entries.Span, 0);
        NetworkLookups lookups = new(table, networks);
        using HaproxyNetworks ofMany = new(many), ofOne = new(one);
        long bytes = ofMany.Bytes - ofOne.Bytes;
        List<double> asked = [], askedOne = [];
        for (int round = 0; round < Rounds; round++)
        {
            lookups.Round();
            if (family != EndPointFamily.InterNetwork) continue;
            asked.Add(ofMany.Ask(Connections));
            askedOne.Add(ofOne.Ask(Connections));
        }
        Console.WriteLine(Invariant($"  a look-up: {Spread(lookups.Anywhere)} from anywhere, ")
            + Invariant($"{Spread(lookups.InNetworks)} in the networks, {Spread(lookups.OneByOne)} where each waits for the one before"));
        Console.WriteLine(Invariant($"  HAProxy: read and made in {ofMany.StartMs - ofOne.StartMs:F0} ms, ")
            + Invariant($"{(double)bytes / Networks:F1} bytes an entry"));
        if (asked.Count == 0) return;
        Console.WriteLine(Invariant($"  HAProxy: a look-up {Spread(asked)} from anywhere, ")
            + Invariant($"and {Spread(askedOne)} where the list has one network"));
    }

    // All of them, and the longest.
    private static double Add(NetworkTable table, RandomNetworks networks, ref double worst)
    {
        NetworkEntry[] entries = networks.Entries(Additions);
        double total = 0;
        foreach (NetworkEntry entry in entries)
        {
            long start = Stopwatch.GetTimestamp();
            table.Set(entry with { Number = 2 }, 0);
            double time = Since(start);
            total += time;
            worst = Math.Max(worst, time);
        }
        return total;
    }

    private static void WhileAsked(NetworkTable table, RandomNetworks networks, Action work)
    {
        InetEndPoint[] addresses = [.. Enumerable.Range(0, 65_536).Select(_ => networks.Address())];
        using CancellationTokenSource stop = new();
        Thread reader = new(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i = (i + 1) % addresses.Length)
                table.TryFind(addresses[i], NetworkEntry.AllServices, 0, out _);
        });
        reader.Start();
        work();
        stop.Cancel();
        reader.Join();
    }

    private static string Spread(List<double> times) => Invariant($"{Median(times):F0} ns ({times.Min():F0} to {times.Max():F0})");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static double Since(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
