using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <content>What is read of an answer at most.</content>
public sealed partial class HttpAnswerTests
{
    [Theory]
    [InlineData(false, "HTTP/1.1 200 OK\r\n", "A: b\r\n", "head")]
    [InlineData(true, "HTTP/1.1 200 OK\r\n", "A: b\r\n", "head")]
    [InlineData(false, "HTTP/1.1 200 OK\r\nA: ", "long", "head")]
    [InlineData(false, "", "HTTP/1.1 100 Continue\r\n\r\n", "head")]
    [InlineData(true, "", "HTTP/1.1 100 Continue\r\n\r\n", "head")]
    [InlineData(false, "HTTP/1.1 200 OK\r\n\r\n", "never what is asked for ", "body")]
    [InlineData(true, "HTTP/1.1 200 OK\r\n\r\n", "never what is asked for ", "body")]
    [InlineData(false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "the answer exceeds the 80 KiB")]
    [InlineData(false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1;extension=of-a-chunk\r\nx\r\n",
        "the answer exceeds the 80 KiB")]
    public async Task Probe_AnswerWithoutEnd_IsCutAtTheBound(bool tls, string begin, string rest, string named)
    {
        await using var origin = new Origin(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync(begin);
                await connection.SendForeverAsync(string.Concat(Enumerable.Repeat(rest, 100)));
            },
            tls ? certificates.Good : null);

        var result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Text("OK")));

        Assert.Equal(ProbeFailure.TooLarge, result.Failure);
        Assert.Contains(named, result.Text);
    }

    [Theory]
    [InlineData(ProbeLimits.ContentBytesMax - 2, 0, null)]
    [InlineData(ProbeLimits.ContentBytesMax - 1, 0, ProbeFailure.Content)]
    [InlineData(ProbeLimits.ContentBytesMax - 1, 1, ProbeFailure.TooLarge)]
    public async Task Probe_TextAtTheBoundOfTheBody_IsLookedForUpToIt(int before, int after, ProbeFailure? expected)
    {
        var text = expected is null ? "OK" : "O";
        await using var origin = Origin.Answering(
            $"HTTP/1.1 200 "
            + $"OK\r\nContent-Length: {before + text.Length + after}\r\n\r\n{new string('.', before)}{text}{new string('.', after)}");

        var result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Text("OK")));

        Assert.Equal(expected, result.Failure);
    }

    [Theory]
    [InlineData(-64, null)]
    [InlineData(64, ProbeFailure.TooLarge)]
    public async Task Probe_HeadAtItsBound_IsReadUpToIt(int beyond, ProbeFailure? expected)
    {
        const string Frame = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: \r\n\r\n";
        await using var origin = Origin.Answering(
            Frame.Replace("A: ", "A: " + new string('a', ProbeLimits.HeadBytesMax - Frame.Length + beyond), StringComparison.Ordinal));

        Assert.Equal(expected, (await Given.RunAsync(Given.Http(origin))).Failure);
    }
}
