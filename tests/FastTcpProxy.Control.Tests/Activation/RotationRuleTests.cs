using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Tests.Activation;

/// <summary>The merge of configuration, override and health, as a table that has exactly one row for each case.</summary>
public sealed class RotationRuleTests
{
    private const string Table =
        """
        configured  override  healthy  someHealthy  allDown  why
        *           Disabled  *        *            *        DisabledByOperator
        *           Draining  *        *            *        Draining
        no          -         *        *            *        DisabledByConfiguration
        yes         -         yes      *            *        Healthy
        yes         -         no       yes          *        Unhealthy
        yes         -         no       no           Fail     Unhealthy
        yes         -         no       no           TryInOrder  TriedAlthoughDown
        *           Enabled   yes      *            *        Healthy
        *           Enabled   no       yes          *        Unhealthy
        *           Enabled   no       no           Fail     Unhealthy
        *           Enabled   no       no           TryInOrder  TriedAlthoughDown
        """;

    [Fact]
    public void Decide_EveryCase_IsAsTheTableSays()
    {
        string[][] rows = [.. Table.Split('\n').Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        int cases = 0;
        foreach (bool enabled in (bool[])[false, true])
        foreach (OverrideState? state in (OverrideState?[])[null, .. Enum.GetValues<OverrideState>()])
        foreach (bool healthy in (bool[])[false, true])
        foreach (bool someHealthy in (bool[])[false, true])
        foreach (AllDownSetting allDown in Enum.GetValues<AllDownSetting>())
        {
            string[] key = [YesNo(enabled), state?.ToString() ?? "-", YesNo(healthy), YesNo(someHealthy), allDown.ToString()];
            string[] row = Assert.Single(rows, r => key.Zip(r).All(pair => pair.Second == "*" || pair.First == pair.Second));
            Assert.True(row[5] == RotationRule.Decide(enabled, state, healthy, someHealthy, allDown).ToString(), string.Join(' ', key));
            cases++;
        }
        Assert.Equal(2 * 4 * 2 * 2 * 2, cases);
    }

    [Fact]
    public void Decide_WithoutAnAddress_NobodyServes_AndTheRestIsTheSame()
    {
        foreach (bool enabled in (bool[])[false, true])
        foreach (OverrideState? state in (OverrideState?[])[null, .. Enum.GetValues<OverrideState>()])
        foreach (bool healthy in (bool[])[false, true])
        foreach (bool someHealthy in (bool[])[false, true])
        foreach (AllDownSetting allDown in Enum.GetValues<AllDownSetting>())
        {
            ServingReason with = RotationRule.Decide(enabled, state, healthy, someHealthy, allDown);
            ServingReason without = RotationRule.Decide(enabled, state, healthy, someHealthy, allDown, hasAddress: false);
            Assert.Equal(with switch { ServingReason.Healthy => ServingReason.NoAddress, ServingReason.TriedAlthoughDown =>
                ServingReason.Unhealthy, _ => with }, without);
        }
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

    [Theory]
    [InlineData("", "a b c")]
    [InlineData("a", "a b c")]
    [InlineData("b", "b a c")]
    [InlineData("c", "c a b")]
    [InlineData("c b", "c b a")]
    [InlineData("c b a", "c b a")]
    [InlineData("x", "a b c")]
    [InlineData("x c y", "c a b")]
    [InlineData("c c a", "c a b")]
    [InlineData("C", "a b c")]
    public void Order_NamesSome_ThoseComeFirst(string named, string expected)
    {
        string[] names = named.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected.Split(' '), RotationRule.Order(["a", "b", "c"], [.. names], n => n));
    }

    [Theory]
    [InlineData(ServingReason.Healthy, true)]
    [InlineData(ServingReason.TriedAlthoughDown, true)]
    [InlineData(ServingReason.Unhealthy, false)]
    [InlineData(ServingReason.DisabledByConfiguration, false)]
    [InlineData(ServingReason.DisabledByOperator, false)]
    [InlineData(ServingReason.Draining, false)]
    [InlineData(ServingReason.NoAddress, false)]
    public void Place_Serves_ByItsReason(ServingReason why, bool serves)
    {
        ActiveUpstream upstream = new ServiceComposer(Given.Upstreams("192.0.2.1:1")).Services[0].Upstreams[0];
        Assert.Equal(serves, new Place(upstream, upstream.Configuration, upstream.Definition, null, why).IsServing);
    }
}
