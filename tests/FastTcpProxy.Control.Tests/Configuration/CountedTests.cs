using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>A number and its noun.</summary>
public sealed class CountedTests
{
    [Theory]
    [InlineData(0, "0 sessions")]
    [InlineData(1, "1 session")]
    [InlineData(2, "2 sessions")]
    [InlineData(1_000_000, "1000000 sessions")]
    public void Of_PutsTheNounInTheRightNumber(long count, string expected) => Assert.Equal(expected, Counted.Of(count, "session"));

    [Theory]
    [InlineData(1, "1 address")]
    [InlineData(2, "2 addresses")]
    public void Of_WithAPluralOfItsOwn_UsesIt(long count, string expected) =>
        Assert.Equal(expected, Counted.Of(count, "address", "addresses"));
}
