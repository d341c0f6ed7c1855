using FastTcpProxy.Benchmarks.Allocation;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Running;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Benchmarks.Tests.Allocation;

/// <summary>What the real program allocates for a connection over loopback, and for a message, stays within the budget.</summary>
public sealed class ConnectionBudgetTests
{
    private const int Connections = 2_000, Messages = 5_000;

    /// <summary>What the process does beside its traffic is not in every repeat.</summary>
    private const int RepeatsMax = 5;

    [Fact]
    public void Connection_OfTheProgram_KeepsItsBudget() => Measure((proxy, load) =>
    {
        load.RunConnections(Connections);
        AllocationBudget budget = AllocationBudget.Read(AllocationBudget.DefaultPath);
        double bytes = LeastOf(budget.ConnectionBytes, () => AllocatedBytes.PerConnection(proxy, load, Connections));
        Assert.True(
            Math.Floor(bytes) <= budget.ConnectionBytes,
            FormattableString.Invariant(
                $"a connection: over its budget. allocation-budget.json allows {budget.ConnectionBytes} bytes, measured {bytes:0.##}"));
        // The other way round: the measurement sees something.
        Assert.True(bytes > budget.ConnectionBytes / 2, FormattableString.Invariant(
            $"only {bytes:0.##} bytes were measured: lower connectionBytes in allocation-budget.json to what is measured"));
    });

    [Fact]
    public void Message_OfTheProgram_AllocatesNothing() => Measure((proxy, load) =>
    {
        load.RunConnections(Connections);
        double bytes = LeastOf(0, () => AllocatedBytes.PerRoundTrip(proxy, load, Messages));
        Assert.True(bytes < 1, FormattableString.Invariant($"a round trip allocates {bytes:0.##} bytes, expected none"));
    });

    private static void Measure(Action<ProxyUnderTest, SerialLoad> measure)
    {
#if DEBUG
        Assert.Skip("the budget is that of the program built in Release");
#else
        int port = FreePort.Next(), upstreamPort = FreePort.Next();
        using ProxyUnderTest proxy = ProxyUnderTest.Start(ProxyExecutable.RepositoryRoot, port, upstreamPort, withProbe: true);
        using SerialLoad load = new(port, upstreamPort);
        measure(proxy, load);
#endif
    }

    private static double LeastOf(long enough, Func<double> measure)
    {
        double least = double.MaxValue;
        for (int i = 0; i < RepeatsMax && Math.Floor(least) > enough; i++) least = Math.Min(least, measure());
        return least;
    }
}
