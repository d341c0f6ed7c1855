using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Compare.Measurements;
using FastTcpProxy.Compare.Reporting;

namespace FastTcpProxy.Compare.Tests.Reporting;

/// <summary>Parts of reports.</summary>
internal static class Given
{
    public static Figure Figure(string contestant) => new()
    {
        Contestant = contestant, Median = 56.2, Min = 50.1, Max = 60.3, Ratio = 1.2, OperationsPerSecond = 17_000, ProxyUtilization = 0.99,
        LoadUtilization = 0.81,
    };

    public static Measurement Measurement(params Figure[] figures) => new()
    {
        Subject = "conn", Title = "CPU of a connection", Unit = "us", Mode = "v2", Threads = 1, Rounds = 7, Dropped = 1, Connections = 64,
        Figures = figures, Notes = ["a note"],
    };

    public static Report Report { get; } = new()
    {
        Date = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Command = "dotnet run -c Release --project bench/compare -- --what conn",
        Machine = new MachineFacts("A CPU", 2, "Linux 6.1", ".NET 10"),
        Contestants = [new("ours", ContestantKind.FastTcpProxy, "/x/fasttcpproxy", "1.0", true),
            new("peer | one", ContestantKind.HAProxy, "/x/haproxy", "2.6", false)],
        Absent = [new("nginx", "no nginx in PATH")],
        Measurements = [Measurement(Figure("ours"), Figure("peer | one") with { LoadBound = true })],
        Failures = ["idle v2: it died; its last lines:\n  x"],
    };
}
