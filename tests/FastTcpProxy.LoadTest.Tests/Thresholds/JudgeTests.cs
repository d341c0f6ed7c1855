using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Tests.Thresholds;

public sealed class JudgeTests
{
    private static readonly RunResult Run = new(
        "churn", "", "", "", "", DateTimeOffset.UnixEpoch, 10,
        [new PhaseResult("clients", "all", 0, 10, 100, 1,
            System.Collections.Immutable.ImmutableSortedDictionary<string, long>.Empty.Add("reset", 1), 1, 2, 3, 4, 5, 6, 7, 8, 0),
            new PhaseResult("admin", "silent", 0, 10, 5, 0, System.Collections.Immutable.ImmutableSortedDictionary<string, long>.Empty, 1,
                2, 3, 4, 50, 6, 7, 8, 0)],
        [new FigureResult("memory_max_mib", 64.5, "MiB")], [], [], []);

    [Theory]
    [InlineData("all.p99_ms", null, 5.0, true)]
    [InlineData("all.p99_ms", null, 4.999, false)]
    [InlineData("all.count", 100.0, null, true)]
    [InlineData("all.count", 101.0, null, false)]
    [InlineData("all.errors", 1.0, 1.0, true)]
    [InlineData("all.reset", null, 0.0, false)]
    [InlineData("all.hung", null, 0.0, true)]
    [InlineData("admin.silent.p99_ms", null, 49.0, false)]
    [InlineData("memory_max_mib", null, 65.0, true)]
    [InlineData("admin.silent.p99_ms/all.p99_ms", null, 10.0, true)]
    [InlineData("admin.silent.p99_ms/all.p99_ms", null, 9.9, false)]
    [InlineData("all.p99_ms/all.hung", null, 1e9, false)]
    [InlineData("all.hung/all.hung", null, 1e9, false)]
    [InlineData("all.p99_ms/all.p98_ms", null, 1e9, false)]
    [InlineData("memory_max_mbi", null, 65.0, false)]
    public void Of_Threshold_HoldsOrNot(string figure, double? min, double? max, bool expected) =>
        Assert.Equal(expected, Assert.Single(Judge.Of(Run, [new Threshold(figure, max, min)])).IsOk);

    /// <summary>A phase in which no client was served, by a runner that does not know when steps began.</summary>
    [Theory]
    [InlineData("all.p99_ms", null, 1e9)]
    [InlineData("all.recover_s", null, 1e9)]
    [InlineData("all.p50_ms", 0.0, null)]
    [InlineData("all.p99_ms/admin.silent.p99_ms", null, 1e9)]
    [InlineData("admin.silent.p99_ms/all.hung", 1.0, null)]
    public void Of_UnknownFigure_IsABreachThatSaysSo(string figure, double? min, double? max)
    {
        RunResult run = Run with
        {
            Phases = [Run.Phases[0] with { P50Ms = null, P99Ms = null, LastSlowSeconds = null }, Run.Phases[1]],
        };

        Verdict verdict = Assert.Single(Judge.Of(run, [new Threshold(figure, max, min)]));

        Assert.False(verdict.IsOk);
        Assert.Null(verdict.Value);
        Assert.StartsWith($"{figure} is unknown, expected ", verdict.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Breach_SaysFigureValueAndBound() => Assert.Equal(
        "admin.silent.p99_ms is 50, expected at most 49",
        Assert.Single(Judge.Of(Run, [new Threshold("admin.silent.p99_ms", Max: 49)])).Text);

    [Fact]
    public void Of_RatioOfANameThatIsNot_SaysWhich()
    {
        string text = Assert.Single(Judge.Of(Run, [new Threshold("all.p99_ms/quite.p99_ms", Max: 2)])).Text;

        Assert.StartsWith("quite.p99_ms: the run has no such figure, expected at most 2; it has ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NameThatIsNot_SaysWhichThereAre()
    {
        string text = Assert.Single(Judge.Of(Run, [new Threshold("all.p98_ms", Max: 49)])).Text;

        Assert.StartsWith("all.p98_ms: the run has no such figure, expected at most 49; it has all.", text, StringComparison.Ordinal);
    }
}
