using FastTcpProxy.Gate.History;
using FastTcpProxy.Gate.Running;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Benchmarks.Tests.Gate.History;

/// <summary>What a run may change of the runs before it.</summary>
public sealed class HistoryFolderTests : IDisposable
{
    private readonly TempFolder _folder = new("history");

    private HistoryFolder History => new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Add_PassedRun_IsInTheHistoryAndTheBaselineIfAskedFor()
    {
        History.Add(Runs.Run(1), updateBaseline: true);
        History.Add(Runs.Run(2), updateBaseline: false);
        Assert.Equal(["commit1", "commit2"], History.Read().Select(r => r.Head.Commit));
        Assert.Equal("commit1", History.Baseline()!.Head.Commit);
        Assert.Equal(2, File.ReadAllLines(_folder["history.jsonl"]).Length);
    }

    [Theory]
    [InlineData(Outcome.Regression)]
    [InlineData(Outcome.NoVerdict)]
    [InlineData(Outcome.Skipped)]
    public void Add_RunThatDidNotPass_LeavesHistoryAndBaselineAsTheyWere(Outcome outcome)
    {
        History.Add(Runs.Run(1), updateBaseline: true);
        string history = File.ReadAllText(_folder["history.jsonl"]), baseline = File.ReadAllText(_folder["baseline.json"]);
        History.Add(Runs.Run(2, outcome), updateBaseline: true);
        Assert.Equal((history, baseline), (File.ReadAllText(_folder["history.jsonl"]), File.ReadAllText(_folder["baseline.json"])));
        Assert.Single(File.ReadAllLines(_folder["failed.jsonl"]));
        Assert.Equal([Outcome.Passed, outcome], History.Read().Select(r => r.Outcome));
    }

    [Fact]
    public void Add_FirstRunFails_MakesNoBaseline()
    {
        History.Add(Runs.Run(1, Outcome.Regression), updateBaseline: true);
        Assert.Null(History.Baseline());
        Assert.False(File.Exists(_folder["history.jsonl"]));
    }

    [Fact]
    public void Add_AtTheLimit_DropsTheOldest()
    {
        File.WriteAllText(_folder["history.jsonl"],
            string.Concat(Enumerable.Range(0, HistoryFolder.EntriesMax).Select(i => Runs.Run(i).ToJsonLine() + "\n")));
        History.Add(Runs.Run(HistoryFolder.EntriesMax), updateBaseline: false);
        IReadOnlyList<RunRecord> runs = History.Read();
        Assert.Equal((HistoryFolder.EntriesMax, "commit1", $"commit{HistoryFolder.EntriesMax}"),
            (runs.Count, runs[0].Head.Commit, runs[^1].Head.Commit));
    }

    [Fact]
    public void Add_DamagedHistory_SaysWhereAndChangesNothing()
    {
        string damaged = Runs.Run(1).ToJsonLine() + "\nnot a run\n";
        File.WriteAllText(_folder["history.jsonl"], damaged);
        Assert.Contains("history.jsonl:2: expected a run",
            Assert.Throws<GateException>(() => History.Add(Runs.Run(2), updateBaseline: true)).Message, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllText(_folder["history.jsonl"]));
        Assert.False(File.Exists(_folder["baseline.json"]));
    }

    [Fact]
    public void Add_RemainsOfARunThatWasKilled_AreNoRun()
    {
        History.Add(Runs.Run(1), updateBaseline: true);
        File.WriteAllText(_folder["history.jsonl.new"], "half a li");
        History.Add(Runs.Run(2), updateBaseline: false);
        Assert.Equal(["commit1", "commit2"], History.Read().Select(r => r.Head.Commit));
    }

    [Fact]
    public async Task Add_ManyAtOnce_LosesNone()
    {
        const int runs = 20;
        await Task.WhenAll(
            Enumerable.Range(0, runs).Select(i => Task.Run(() => new HistoryFolder(_folder.Path).Add(Runs.Run(i), updateBaseline: false))));
        Assert.Equal(runs, History.Read().Count);
    }

    [Fact]
    public void Record_WrittenAndRead_IsTheSame()
    {
        RunRecord run = Runs.Run(1, Outcome.Regression, 900, "a \"name\"\nof two lines", isRegression: true);
        string line = run.ToJsonLine();
        Assert.DoesNotContain('\n', line);
        RunRecord back = RunRecord.Parse(line);
        Assert.Equal((run.Date, run.Outcome, run.Base, run.Head, run.Machine),
            (back.Date, back.Outcome, back.Base, back.Head, back.Machine));
        Assert.Equal(run.Figures, back.Figures);
        Assert.Equal(run.Steps, back.Steps);
    }
}
