using System.Globalization;
using FastTcpProxy.NoLoss.Load;

namespace FastTcpProxy.NoLoss.Runs;

/// <summary>What a run prints. Pure but for the output.</summary>
internal static class Report
{
    /// <returns>Whether nothing was lost, and there was something to lose.</returns>
    public static bool Print(string what, int rate, Clients clients)
    {
        Console.WriteLine($"{what} at {rate} connections a second");
        Console.WriteLine($"short connections: {clients.Short}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"time of one: median {clients.Short.Percentile(50):0.0} ms, 99 % {clients.Short.Percentile(99):0.0} ms, longest {clients.Short.Percentile(100):0.0} ms"));
        Console.WriteLine($"long sessions:     {clients.Long}");
        return clients.Short.Lost + clients.Long.Lost == 0 && clients.Short.Of(Fate.Served) > 0 && clients.Long.Of(Fate.Served) == Clients.LongSessions;
    }
}
