using FastTcpProxy.Gate.History;

namespace FastTcpProxy.Benchmarks.Tests.Gate.History;

/// <summary>How exit codes become the verdict on a run.</summary>
public sealed class RunStepTests
{
    [Theory]
    [InlineData("gate=0", "gate", Outcome.Passed, null)]
    [InlineData("gate=3", "gate", Outcome.Regression, null)]
    [InlineData("gate=1", "gate", Outcome.NoVerdict, null)]
    [InlineData("gate=2", "gate", Outcome.NoVerdict, null)]
    [InlineData("gate=137", "gate", Outcome.NoVerdict, null)]
    [InlineData("load churn=skipped,none there, as it is", "load churn", Outcome.Skipped, "none there, as it is")]
    [InlineData("load churn=3,the base=the same", "load churn", Outcome.Regression, "the base=the same")]
    public void TryParse_NameAndCode_IsAStep(string text, string name, Outcome outcome, string? note)
    {
        Assert.True(RunStep.TryParse(text, out RunStep? step));
        Assert.Equal(new RunStep(name, outcome, note), step);
    }

    [Theory]
    [InlineData("gate")]
    [InlineData("=0")]
    [InlineData("gate=")]
    [InlineData("gate=-1")]
    [InlineData("gate=passed")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(RunStep.TryParse(text, out _));

    [Theory]
    [InlineData("0 0", Outcome.Passed)]
    [InlineData("0 skipped", Outcome.Passed)]
    [InlineData("0 3", Outcome.Regression)]
    // What is known to be slower stays so, also when another step could not tell.
    [InlineData("1 3", Outcome.Regression)]
    [InlineData("0 1", Outcome.NoVerdict)]
    // Nothing was looked at: that is no pass.
    [InlineData("skipped skipped", Outcome.NoVerdict)]
    public void Overall_Steps_EndLikeTheWorst(string codes, Outcome outcome) =>
        Assert.Equal(outcome,
            RunStep.Overall(codes.Split(' ')
                .Select(code => RunStep.TryParse($"a={code}", out RunStep? step) ? step : throw new InvalidOperationException(code))));
}
