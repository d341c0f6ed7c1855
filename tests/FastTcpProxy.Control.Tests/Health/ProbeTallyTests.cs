using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Rules;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>The probe rule as a table. Pure.</summary>
public sealed class ProbeTallyTests
{
    /// <summary>Probes as letters, g good and b bad; the result after the last one, and none before.</summary>
    [Theory]
    [InlineData(1, 1, "g", true)]
    [InlineData(1, 1, "b", false)]
    [InlineData(1, 2, "bb", false)]
    [InlineData(1, 2, "bg", true)]
    [InlineData(1, 3, "bbg", true)]
    [InlineData(1, 3, "bbb", false)]
    [InlineData(2, 1, "gg", true)]
    [InlineData(2, 1, "gb", false)]
    [InlineData(2, 2, "gbg", true)]
    [InlineData(2, 2, "gbb", false)]
    [InlineData(2, 2, "bgb", false)]
    [InlineData(3, 2, "gbgg", true)]
    [InlineData(3, 2, "ggbb", false)]
    [InlineData(2, 3, "bbgg", true)]
    public void Result_ComesWithTheProbeThatIsEnough(int successes, int failures, string probes, bool isGood)
    {
        ProbeRule rule = new(successes, failures, TimeSpan.Zero);
        ProbeTally tally = new(rule);

        Assert.All(probes[..^1], probe => Assert.Null(tally.Count(probe == 'g')));
        Assert.Equal(isGood, tally.Count(probes[^1] == 'g'));
        Assert.InRange(probes.Length, 1, rule.ProbesMax);
    }
}
