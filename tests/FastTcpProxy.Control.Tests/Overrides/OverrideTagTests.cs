using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Rules;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>An entity tag follows from all that is set, and from nothing else.</summary>
public sealed class OverrideTagTests
{
    private static readonly UpstreamOverride State = new(OverrideState.Disabled, "repair", "root", Overridden.At, Overridden.At.AddHours(1));
    private static readonly OrderOverride Order = new(["b", "a"], "repair", "root", Overridden.At, null);

    [Fact]
    public void Tag_SameContent_IsTheSame()
    {
        Assert.Equal(OverrideTag.Of(State), OverrideTag.Of(State with { At = Overridden.At.ToOffset(TimeSpan.FromHours(2)) }));
        Assert.Equal(OverrideTag.Of(Order), OverrideTag.Of(Order with { Names = ["b", "a"] }));
        Assert.Equal([OverrideTag.None, OverrideTag.None], [OverrideTag.Of((UpstreamOverride?)null), OverrideTag.Of((OrderOverride?)null)]);
        Assert.Matches("^[0-9a-f]{16}$", OverrideTag.Of(State));
    }

    [Fact]
    public void Tag_AnyOtherContent_IsAnother()
    {
        string[] tags =
        [
            OverrideTag.None,
            .. ((UpstreamOverride[])
            [
                State, State with { State = OverrideState.Draining }, State with { Reason = "" }, State with { Author = "uid 7" },
                State with { At = Overridden.At.AddMilliseconds(1) }, State with { Expires = null }, State with { Expires = Overridden.At },
            ]).Select(OverrideTag.Of),
            .. ((OrderOverride[])
            [
                Order, Order with { Names = ["a", "b"] }, Order with { Names = ["b"] }, Order with { Reason = "x" }, Order with { Author = "x" }, Order with { Expires = Overridden.At },
            ]).Select(OverrideTag.Of),
        ];
        Assert.Equal(tags.Length, tags.Distinct().Count());
    }
}
