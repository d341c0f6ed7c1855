using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Control.Tests.Health.Probing;

public sealed class ProbeTextTests
{
    [Theory]
    [InlineData(5000, "5 s")]
    [InlineData(1500, "1.5 s")]
    [InlineData(250, "250 ms")]
    [InlineData(0.5, "0.5 ms")]
    public void Span_Time_IsWrittenAsPeopleDo(double milliseconds, string expected) =>
        Assert.Equal(expected, ProbeText.Span(TimeSpan.FromMilliseconds(milliseconds)));
}
