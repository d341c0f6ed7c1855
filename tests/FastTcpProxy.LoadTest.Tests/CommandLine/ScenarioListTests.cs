using FastTcpProxy.LoadTest.CommandLine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Scenarios;

namespace FastTcpProxy.LoadTest.Tests.CommandLine;

public sealed class ScenarioListTests
{
    [Fact]
    public void ToText_EachScenario_HasItsFullRunAndItsShortestOne_InHundredColumns()
    {
        string[] lines = ScenarioList.ToText().Split('\n');

        Assert.All(lines, l => Assert.True(l.TrimEnd().Length <= 100, l));
        foreach (Scenario scenario in Catalogue.All)
        {
            string row = Assert.Single(lines, l => l.StartsWith($"  {scenario.Name} ", StringComparison.Ordinal)).TrimEnd();
            Assert.EndsWith($" {DurationText.Format(scenario.DurationMinOf(LoadOptions.Of(scenario)))}", row, StringComparison.Ordinal);
            Assert.Contains($" {DurationText.Format(scenario.Duration)} ", row, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FullRuns_AreLongEnough() => Assert.All(Catalogue.All, s => Assert.Null(RunCommand.TooShort(s, LoadOptions.Of(s))));

    /// <summary>Every runner has whole seconds only.</summary>
    [Fact]
    public void ShortestRuns_AreWholeSeconds() => Assert.All(Catalogue.All, s => Assert.All((double[])[0.1, 0.25, 1, 5, 20], timeout =>
    {
        TimeSpan least = s.DurationMinOf(LoadOptions.Of(s) with { ConnectTimeout = TimeSpan.FromSeconds(timeout) });
        Assert.Equal(0, least.Ticks % TimeSpan.TicksPerSecond);
        Assert.True(least >= TimeSpan.FromSeconds(1));
    }));

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1.5)]
    public void Segment_NoWholeSeconds_IsADefect(double seconds) =>
        Assert.Throws<ArgumentException>(() => ArrivalSegment.PerSecond(1, TimeSpan.FromSeconds(seconds)));
}
