using FastTcpProxy.Gate.CommandLine;
using FastTcpProxy.Gate.History;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Benchmarks.Tests.Gate.History;

/// <summary>bench/regression.sh: what it ends with, and what it leaves of the history.</summary>
public sealed class RegressionScriptTests
{
    [Fact]
    public async Task Script_AllPass_KeepsTheRunAndMakesItTheBaseline()
    {
        using ScriptStage stage = await ScriptStage.CreateAsync();
        ProcessResult result = await stage.RunAsync("", "--update-baseline", "--starts", "6", "--native", "HEAD~1", "HEAD");
        Assert.True(result.ExitCode == ExitCodes.Ok, result.Error);
        RunRecord run = RunRecord.Parse(await File.ReadAllTextAsync(Path.Combine(stage.Output, "result.json")));
        Assert.Equal(Outcome.Passed, run.Outcome);
        Assert.Equal(["gate", "allocations", "load churn", "load failover", "load worst-case"], run.Steps.Select(s => s.Name));
        Assert.Equal(["gate calls", "churn all: p99, ms", "churn errors"], run.Figures.Take(3).Select(f => $"{f.Group} {f.Name}"));
        Assert.Contains("the second", run.Head.Name, StringComparison.Ordinal);
        Assert.Equal(40, run.Head.Commit!.Length);
        Assert.Equal(run.Head, RunRecord.Parse(await File.ReadAllTextAsync(stage.BaselineFile)).Head);
        Assert.Single(await File.ReadAllLinesAsync(stage.HistoryFile));
        Assert.Contains("<svg", await File.ReadAllTextAsync(Path.Combine(stage.Output, "trend.html")), StringComparison.Ordinal);
        string arguments = await File.ReadAllTextAsync(stage.Folder["gate-arguments"]);
        Assert.EndsWith("--starts\n6\n--native\n", arguments, StringComparison.Ordinal);
        Assert.Contains("run failover --duration 15s --report", await File.ReadAllTextAsync(stage.Folder["load-arguments"]),
            StringComparison.Ordinal);
        // The load test refuses a folder that holds anything but reports.
        Assert.True(File.Exists(Path.Combine(stage.Output, "load/churn.txt")));
        Assert.Equal(["report.json"], Directory.GetFiles(Path.Combine(stage.Output, "load/churn")).Select(f => Path.GetFileName(f)));
    }

    [Theory]
    [InlineData("GATE_CODE=3", ExitCodes.Regression)]
    [InlineData("GATE_CODE=1", ExitCodes.Failed)]
    [InlineData("ALLOCATIONS_CODE=1", ExitCodes.Regression)]
    [InlineData("ALLOCATIONS_CODE=134", ExitCodes.Failed)]
    [InlineData("LOAD_CODE=3", ExitCodes.Regression)]
    [InlineData("LOAD_CODE=1", ExitCodes.Failed)]
    [InlineData("LOAD_BUILD_CODE=1", ExitCodes.Failed)]
    [InlineData("GATE_CODE=1 LOAD_CODE=3", ExitCodes.Regression)]
    public async Task Script_AStepFails_LeavesHistoryAndBaseline(string variables, int code)
    {
        using ScriptStage stage = await ScriptStage.CreateAsync();
        Assert.Equal(ExitCodes.Ok, (await stage.RunAsync("", "--update-baseline", "HEAD~1", "HEAD")).ExitCode);
        string history = await File.ReadAllTextAsync(stage.HistoryFile), baseline = await File.ReadAllTextAsync(stage.BaselineFile);
        ProcessResult result = await stage.RunAsync(variables, "--update-baseline", "--scenarios", "churn", "HEAD~1", "HEAD");
        Assert.True(result.ExitCode == code, result.Error);
        Assert.Equal((history, baseline),
            (await File.ReadAllTextAsync(stage.HistoryFile), await File.ReadAllTextAsync(stage.BaselineFile)));
        Assert.Single(await File.ReadAllLinesAsync(stage.FailedFile));
    }

    [Theory]
    [InlineData("BASE_LOAD_CODE=3", "the base breaks a threshold too")]
    [InlineData("BASE_LOAD_CODE=0", "the base keeps the thresholds")]
    public async Task Script_ThresholdBroken_SaysWhetherTheBaseBreaksItToo(string variables, string note)
    {
        using ScriptStage stage = await ScriptStage.CreateAsync();
        ProcessResult result = await stage.RunAsync("LOAD_CODE=3 " + variables, "--scenarios", "churn", "HEAD~1", "HEAD");
        Assert.Equal(ExitCodes.Regression, result.ExitCode);
        Assert.Matches($@"load churn +REGRESSION \({note}\)", result.Output);
    }

    [Fact]
    public async Task Script_BaseWithoutLoadTests_SaysSo()
    {
        using ScriptStage stage = await ScriptStage.CreateAsync();
        string older = stage.Folder.MakeFolder("older");
        ProcessResult result = await stage.RunAsync("LOAD_CODE=3", "--scenarios", "churn", older, "HEAD");
        Assert.Equal(ExitCodes.Regression, result.ExitCode);
        Assert.Contains("the base has no load tests", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_HeadWithoutLoadTests_SkipsThem()
    {
        using ScriptStage stage = await ScriptStage.CreateAsync();
        await stage.GitAsync("rm", "-rq", ScriptStage.LoadTest);
        await stage.GitAsync("commit", "-qm", "none any more");
        ProcessResult result = await stage.RunAsync("LOAD_CODE=3", "HEAD~1", "HEAD");
        Assert.Equal(ExitCodes.Ok, result.ExitCode);
        Assert.Matches(@"load +skipped \(the head has no load tests\)", result.Output);
    }

    [Fact]
    public async Task Script_FromBaseline_ComparesWithWhatPassedLast()
    {
        using ScriptStage stage = await ScriptStage.CreateAsync();
        Assert.Equal(ExitCodes.Ok, (await stage.RunAsync("", "--update-baseline", "HEAD", "HEAD~1")).ExitCode);
        // A slower commit got in: the next one is not compared with it.
        await stage.GitAsync("commit", "-qm", "the third", "--allow-empty");
        ProcessResult result = await stage.RunAsync("", "--from-baseline", "HEAD~1", "HEAD");
        Assert.Contains("the first\nhead: HEAD", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("--output")]
    [InlineData("HEAD HEAD HEAD")]
    [InlineData("HEAD no-such-revision")]
    [InlineData("no-such-revision HEAD")]
    [InlineData("--processes many HEAD")]
    [InlineData("--scenarios ../churn HEAD")]
    [InlineData("--thresholds /no/such/folder HEAD")]
    [InlineData("--update-baseline HEAD")]
    [InlineData("--update-baseline HEAD .")]
    // The only main lines that it looks for by itself are a remote's.
    [InlineData("")]
    public async Task Script_WrongCommandLine_EndsWithUsageAndAddsNoRun(string arguments)
    {
        using ScriptStage stage = await ScriptStage.CreateAsync();
        ProcessResult result = await stage.RunAsync("", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains("error: ", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(stage.HistoryFile) || File.Exists(stage.FailedFile));
    }
}
