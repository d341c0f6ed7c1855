using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>An entity tag follows from all that is set, and from nothing else.</summary>
public sealed class OverrideTagTests
{
    private static readonly UpstreamOverride State = Overridden.State with { Expires = Overridden.At.AddHours(1) };
    private static readonly OrderOverride Order = Overridden.Order with { Names = ["b", "a"] };

    [Fact]
    public void Tag_SameContent_IsTheSame()
    {
        Assert.Equal(State.Tag, (State with { At = Overridden.At.ToOffset(TimeSpan.FromHours(2)) }).Tag);
        Assert.Equal(Order.Tag, (Order with { Names = ["b", "a"] }).Tag);
        // It is about what an operator set, so it outlives a restart with another configuration.
        Assert.Equal(State.Tag, (State with { ConfiguredEnabled = false, ConfiguredAddress = "" }).Tag);
        Assert.Equal(Override.NoTag, new OverrideOutcome(OverrideError.None, "", null).Tag);
        Assert.Matches("^[0-9a-f]{16}$", State.Tag);
    }

    [Fact]
    public void Tag_AnyOtherContent_IsAnother()
    {
        string[] tags =
        [
            Override.NoTag,
            .. ((Override[])
            [
                State, State with { State = OverrideState.Draining }, State with { Reason = "" }, State with { Author = "uid 7" },
                State with { At = Overridden.At.AddMilliseconds(1) }, State with { Expires = null }, State with { Expires = Overridden.At },
                Order, Order with { Names = ["a", "b"] }, Order with { Names = ["b"] }, Order with { Reason = "x" },
                Order with { Author = "x" }, Order with { Expires = Overridden.At },
            ]).Select(o => o.Tag),
        ];
        Assert.Equal(tags.Length, tags.Distinct().Count());
    }
}
