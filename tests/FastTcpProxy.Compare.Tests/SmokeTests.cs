using System.Text.Json;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.Compare.Tests.Reporting;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Compare.Tests;

/// <summary>The program as it is run: it starts two proxies, loads them, and writes its report.</summary>
[Collection(PortsCollection.Name)]
public sealed class SmokeTests
{
    [Fact]
    public async Task Compare_OneShortRound_FindsFiguresAndWritesThem()
    {
        using TempFolder folder = new("compare");
        string json = Path.Combine(folder.Path, "report.json"), markdown = Path.Combine(folder.Path, "report.md");
        string program = Path.ChangeExtension(typeof(Report).Assembly.Location, null);
        ProcessResult run = await ChildProcess.RunAsync(
            program,
            ["--what", "conn,pp", "--peers", "naive", "--build", $"ours={ProxyExecutable.FilePath}", "--rounds", "1", "--seconds", "0.3",
                "--warm-up", "0.3",
                "--connections", "8", "--json", json, "--markdown", markdown],
            null, ProxyExecutable.Environment, TimeSpan.FromSeconds(60));
        Assert.True(run.ExitCode == 0, run.Error);
        Report report = JsonSerializer.Deserialize(File.ReadAllText(json), ReportJson.Default.Report)!;
        Assert.Equal([ContestantKind.FastTcpProxy, ContestantKind.Naive], report.Contestants.Select(c => c.Kind));
        Assert.Equal(["conn", "pp"], report.Measurements.Select(m => m.Subject));
        Assert.All(report.Measurements.SelectMany(m => m.Figures), figure =>
        {
            Assert.InRange(figure.Median, 1, 100_000);
            Assert.True(figure.OperationsPerSecond > 1, $"{figure}");
            Assert.True(figure.Ratio > 0, $"{figure}");
            Assert.Equal(0, figure.Errors);
        });
        string[][] tables = [.. MarkdownTable.Read(File.ReadAllText(markdown))];
        Assert.Equal(3, tables.Length);
        Assert.All(tables, table => Assert.Single(table.Select(MarkdownTable.CellCount).Distinct()));
        Assert.Contains("this/ours", run.Output);
    }
}
