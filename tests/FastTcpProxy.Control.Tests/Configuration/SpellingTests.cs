using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>The word that someone meant, or none when nothing is near.</summary>
public sealed class SpellingTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("a", "", 1)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abc", "abd", 1)]
    [InlineData("abc", "abcd", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_OfTwoWords_IsSymmetric(string a, string b, int distance)
    {
        Assert.Equal(distance, Spelling.Distance(a, b));
        Assert.Equal(distance, Spelling.Distance(b, a));
    }

    [Theory]
    [InlineData("lisen", "listen")]
    [InlineData("LISTEN", "listen")]
    [InlineData("nmae", "name")]
    [InlineData("nothing", null)]
    [InlineData("", null)]
    public void Nearest_IsWithinAThird(string word, string? nearest) =>
        Assert.Equal(nearest, Spelling.Nearest(word, ["name", "listen", "upstreams"]));

    [Fact]
    public void Nearest_OverlongWord_IsNone() => Assert.Null(Spelling.Nearest(new string('x', 49), [new string('x', 48)]));
}
