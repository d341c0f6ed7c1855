using FastTcpProxy.LoadTest.NBomber;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Scenarios;
using FastTcpProxy.LoadTest.Tests.Reporting;
using FastTcpProxy.LoadTest.Thresholds;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.NBomberStandIn;

/// <summary>The command of the runner by NBomber, against the stand-in and the real proxy.</summary>
public sealed class NBomberCommandTests : IDisposable
{
    private readonly TempFolder _folder = new("nbomber");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_Churn_HoldsAndLeavesItsReportsAndLogInTheFolderAlone()
    {
        string[] before = Directory.GetFileSystemEntries(Environment.CurrentDirectory);

        int code = await RunAsync("churn", "--rate", "50", "--duration", "2s", "--report", _folder["out"],
            "--thresholds", Thresholds("\"all.errors\": { \"max\": 0 }, \"run.served\": { \"min\": 50 }"));

        Assert.Equal(0, code);
        Assert.Equal(["nbomber-log-", "report.csv", "report.html", "report.md", "report.txt"],
            Directory.EnumerateFiles(_folder["out"]).Select(f => Path.GetFileName(f)).Order()
            .Select(f => f.StartsWith("nbomber-log-", StringComparison.Ordinal) ? "nbomber-log-" : f));
        // The log that NBomber always writes is not left in the current folder.
        Assert.Equal(before, Directory.GetFileSystemEntries(Environment.CurrentDirectory));
    }

    [Theory]
    [InlineData("all.p90_ms")]
    [InlineData("all.p999_ms")]
    [InlineData("all.recover_s")]
    public async Task Run_FileAsksForAFigureThatIsUnknown_IsABreach(string figure) => Assert.Equal(3,
        await RunAsync("churn", "--rate", "20", "--duration", "1s", "--thresholds", Thresholds($"\"{figure}\": {{ \"max\": 1e9 }}")));

    [Fact]
    public async Task Run_FolderHoldsSomethingElse_IsRefusedAndLeftAlone()
    {
        string kept = _folder.Write("out/notes.txt", "mine");

        Assert.Equal(1, await RunAsync("churn", "--duration", "1s", "--report", _folder["out"]));
        Assert.Equal("mine", File.ReadAllText(kept));
    }

    /// <summary>NBomber itself only logs that it could not write a report.</summary>
    [Theory]
    [InlineData("/proc/reports")]
    [InlineData("/etc/hostname")]
    public async Task Run_ReportCannotBeWritten_EndsWithOne(string folder) =>
        Assert.Equal(1, await RunAsync("churn", "--duration", "1s", "--report", folder));

    [Fact]
    public void Move_NoReportAmongTheFiles_IsAnErrorAndKeepsTheLog()
    {
        string log = _folder.Write("work/nbomber-log-20260102.txt", "why");
        _folder.MakeFolder("out");

        Assert.Throws<Model.StageException>(() => LoadTest.Reporting.ReportFolder.Move(Path.GetDirectoryName(log)!, _folder["out"]));

        Assert.Equal("why", File.ReadAllText(_folder["out/nbomber-log-20260102.txt"]));
    }

    [Theory]
    [InlineData("worst-case", "11s")]
    [InlineData("churn", "1500ms")]
    [InlineData("chrun", "10s")]
    public async Task Run_WrongCommandLine_EndsWithTwo(string scenario, string duration) =>
        Assert.Equal(2, await RunAsync(scenario, "--duration", duration));

    /// <summary>Only what NBomber's statistics can never have is left out; what is merely missing is a breach.</summary>
    [Fact]
    public void Judge_OwnThresholds_LeavesOutWhatCannotBeToldAlone()
    {
        RunResult run = Samples.Run with
        {
            Phases = [.. Samples.Run.Phases.Select(p => p with { P50Ms = null, P90Ms = null, P999Ms = null, LastSlowSeconds = null })],
        };
        Threshold[] own =
        [
            new("silent.recover_s", Max: 1), new("all.p50_ms", Max: 1), new("silent.p999_ms", Max: 1),
            new("silent.p90_ms/all.p90_ms", Max: 1), new("missing.errors", Max: 0), new("silent.p50_ms", Max: 9),
            new("admin.silent.recover_s", Max: 1), new("no_such_figure", Max: 1), new("all.count", Min: 1),
        ];
        using StringWriter output = new();

        Assert.Equal(3, NBomberCommand.Judge(run, own, null, output));

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["silent.recover_s", "all.p50_ms", "silent.p999_ms", "silent.p90_ms/all.p90_ms"],
            lines.Where(l => l.StartsWith("not judged: ", StringComparison.Ordinal)).Select(l => l["not judged: ".Length..]));
        Assert.Equal(["missing.errors:", "silent.p50_ms", "admin.silent.recover_s", "no_such_figure:"],
            lines.Where(l => l.StartsWith("breached: ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1]));
    }

    /// <summary>Every scenario keeps thresholds that are judged.</summary>
    [Fact]
    public void OwnThresholds_MostCanBeTold() => Assert.All(Catalogue.All, scenario => Assert.Contains(
        scenario.ThresholdsOf(Model.LoadOptions.Of(scenario)), t => NBomberResult.CanTell(t, phases: 3)));

    private string Thresholds(string bounds) => _folder.Write("thresholds.json", $"{{ \"thresholds\": {{ {bounds} }} }}");

    private static Task<int> RunAsync(params string[] args) => new NBomberCommand().RunAsync([.. args, "--no-namespace"]);
}
