using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Rules;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Each limit of an override at its bound, and what is said beyond.</summary>
public sealed class OverrideRulesTests
{
    public static TheoryData<string, string, long?, string?> Requests => new()
    {
        { "", "", null, null },
        { new string('r', 256), new string('a', 128), null, null },
        { new string('r', 257), "root", null, "the reason has 257 characters, expected at most 256" },
        { "", new string('a', 129), null, "the author has 129 characters, expected at most 128" },
        { "", "root", 1_000, null },
        { "", "root", 999, "the time is 999ms, expected 1s to 30d" },
        { "", "root", 30L * 86_400_000, null },
        { "", "root", (30L * 86_400_000) + 1, "the time is 2592000001ms, expected 1s to 30d" },
        { "", "root", 0, "the time is 0s, expected 1s to 30d" },
        { "", "root", -1_000, "the time is -1s, expected 1s to 30d" },
        { "Wartung, später mehr \U0001F6E0", "Jürgen", null, null },
        { "a\nb", "root", null, "the reason \"a\\u000ab\" contains a control character, expected plain text on one line" },
        { "a\0", "root", null, "the reason \"a\\u0000\" contains a control character, expected plain text on one line" },
        { "", "ro\u001b[2Jot", null, "the author \"ro\\u001b[2Jot\" contains a control character, expected a name" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_AtItsBounds(string reason, string author, long? forMs, string? wrong) =>
        Assert.Equal(wrong, OverrideRules.Check(
            new UpstreamOverride("s", "a", OverrideState.Disabled, reason, author), forMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            Overridden.Two.Services[0]));

    [Theory]
    [InlineData("a", null)]
    [InlineData("c b a", null)]
    [InlineData("", "the order names no upstream, expected at least one")]
    [InlineData("a x", "service \"s\" has no upstream \"x\", expected one of \"a\", \"b\", \"c\"")]
    [InlineData("A", "service \"s\" has no upstream \"A\", expected one of \"a\", \"b\", \"c\"")]
    [InlineData("a b a", "the order names \"a\" twice, expected each upstream once")]
    public void Order_Names_AreThoseOfTheServiceEachOnce(string names, string? wrong)
    {
        ServiceConfiguration service = Overridden.Two.Services[0];
        Assert.Equal(wrong, OverrideRules.Check(
            Overridden.Order with { Names = [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries)] }, null, service));
        Assert.NotNull(OverrideRules.Check(Overridden.Order with { Names = default }, null, service));
    }

    [Fact]
    public void UnknownName_OfManyNames_TheFirstAreListed()
    {
        IEnumerable<string> names = Enumerable.Range(0, 1000).Select(i => $"s{i}");
        Assert.Equal(
            "there is no service \"x\", expected one of \"s0\", \"s1\", \"s2\", \"s3\", \"s4\", \"s5\", "
            + "\"s6\", \"s7\", \"s8\", \"s9\", ...",
            OverrideRules.CheckKey(new OverrideKey("x"), null, names)!.Detail);
    }
}
