using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>What becomes of all kinds of answers, over HTTP and HTTPS, from an origin that really sends them.</summary>
public sealed partial class HttpAnswerTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nAll is OK.\n";

    public static TheoryData<bool, string> GoodAnswers => Both(
        Ok,
        "HTTP/1.0 200 OK\r\n\r\nAll is OK.",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nO\r\n1\r\nK\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n" + Ok,
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + Ok,
        "HTTP/1.1 200 Well\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nOK");

    [Theory]
    [MemberData(nameof(GoodAnswers))]
    public async Task Probe_GoodAnswerWithTheText_IsGood(bool tls, string answer)
    {
        await using var origin = Origin.Answering(answer, tls ? certificates.Good : null);

        var result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Text("OK")));

        Assert.Equal((null, "status 200, the body contains \"OK\""), (result.Failure, result.Text));
    }

    [Theory]
    [InlineData(false, 200, null)]
    [InlineData(true, 200, null)]
    [InlineData(false, 204, null)]
    [InlineData(false, 301, null)]
    [InlineData(true, 301, null)]
    [InlineData(false, 404, null)]
    [InlineData(false, 499, null)]
    [InlineData(false, 500, ProbeFailure.Status)]
    [InlineData(false, 503, ProbeFailure.Status)]
    [InlineData(true, 503, ProbeFailure.Status)]
    [InlineData(false, 599, ProbeFailure.Status)]
    public async Task Probe_Status_IsJudgedByTheList(bool tls, int status, ProbeFailure? expected)
    {
        await using var origin = Origin.Answering(
            $"HTTP/1.1 {status} Words\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", tls ? certificates.Good : null);

        var result = await Given.RunAsync(Given.Http(origin));

        Assert.Equal((expected, $"status {status}"), (result.Failure, result.Text));
        Assert.Equal(2, origin.AcceptedCount);
    }

    [Fact]
    public async Task Probe_RedirectThatIsListed_IsBad()
    {
        await using var origin = Origin.Answering("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n");
        var config = Given.Http(origin);

        var result = await Given.RunAsync(config with { Expect = new CheckExpectation { FailStatus = [new(404, 404), new(300, 399)] } });

        Assert.Equal((ProbeFailure.Status, "status 302"), (result.Failure, result.Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_BodyWithoutTheText_ShowsWhatCame(bool tls)
    {
        await using var origin = Origin.Answering("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nNOT\x1b[31m\r\n WELL",
            tls ? certificates.Good : null);

        var result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Text("OK")));

        Assert.Equal(ProbeFailure.Content, result.Failure);
        Assert.Equal("status 200, but the body does not contain \"OK\": \"NOT\\u001b[31m\\u000d\\u000a WELL\"", result.Text);
    }

    [Fact]
    public async Task Probe_HeadWithALengthAndNoBody_IsGood()
    {
        await using var origin = Origin.Answering("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");

        var result = await Given.RunAsync(Given.Http(origin) with { Method = "HEAD" });

        Assert.Equal((null, "status 200"), (result.Failure, result.Text));
    }

    [Fact]
    public async Task Probe_NoBodyAskedFor_EndsWithTheHead()
    {
        await using var origin = Origin.Answering("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nThe rest never comes");

        var result = await Given.RunAsync(Given.Http(origin));

        Assert.Null(result.Failure);
    }

    [Fact]
    public async Task Probe_TextFound_DoesNotWaitForTheEnd()
    {
        await using var origin = Origin.Answering("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nThe rest never comes");

        var result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Text("never")));

        Assert.Null(result.Failure);
    }

    /// <summary>With a backtracking matcher this runs for longer than the universe.</summary>
    [Fact]
    public async Task Expression_ThatTakesTooLong_IsABadProbeAndNoDefect()
    {
        await using var origin = Origin.Answering($"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{new string('a', 60_000)}");
        Regex slow = new("a[ab]{5000}c", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(1));
        using var probe = Given.Probe(Given.Http(origin).Expecting(new ContentPattern("/a[ab]{5000}c/", [], slow)));

        ProbeResult result = await probe.RunAsync(CancellationToken.None);

        Assert.Equal((ProbeFailure.Content, "the expression of \"body\" took longer than 1 ms for the received bytes"),
            (result.Failure, result.Text));
    }

    [Theory]
    [InlineData("000")]
    [InlineData("099")]
    [InlineData("600")]
    [InlineData("999")]
    public async Task Status_ThatHttpDoesNotHave_IsABadProbe(string status)
    {
        await using var origin = Origin.Answering($"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n");

        ProbeResult result = await Given.RunAsync(Given.Http(origin));

        Assert.Equal((ProbeFailure.Protocol, $"the answer has the status {status}, which HTTP does not have"),
            (result.Failure, result.Text));
    }

    /// <summary>The bound of what is looked at is not the end of the body.</summary>
    [Theory]
    [InlineData(0, null)]
    [InlineData(1, ProbeFailure.TooLarge)]
    public async Task Body_GoesOnBeyondTheBound_ItsEndIsNotThere(int more, ProbeFailure? failure)
    {
        string body = new('a', ProbeLimits.ContentBytesMax + more);
        await using var origin = Origin.Answering($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        ProbeResult result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Expression("^a+$")));

        Assert.Equal(failure, result.Failure);
    }

    [Fact]
    public async Task Probe_ExpressionThatWouldExplode_IsJudgedAtOnce()
    {
        await using var origin =
            Origin.Answering($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 40001\r\n\r\n{new string('a', 40_000)}!");

        var result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Expression("^(a+)+$")));

        Assert.Equal(ProbeFailure.Content, result.Failure);
        Assert.True(result.Duration < Deadline.Patient / 2, $"it took {result.Duration}");
    }

    [Theory]
    [InlineData("OK$", true)]
    [InlineData("^All", true)]
    [InlineData(@"\bis\b", true)]
    [InlineData("all", false)]
    [InlineData("All$", false)]
    public async Task Probe_Expression_IsJudgedOverTheWholeBody(string expression, bool isGood)
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nAll");
            await connection.SendAsync(" is OK");
            await connection.HoldAsync();
        });

        var result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Expression(expression)));

        Assert.Equal(isGood, result.IsGood);
    }

    /// <summary>What the origin does after the request, and what it is called.</summary>
    [Theory]
    [InlineData(false, "220 mail.test ESMTP\r\n", ProbeFailure.Protocol)]
    [InlineData(true, "220 mail.test ESMTP\r\n", ProbeFailure.Protocol)]
    [InlineData(false, "HTTP/1.1 OK\r\n\r\n", ProbeFailure.Protocol)]
    [InlineData(false, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ProbeFailure.Protocol)]
    [InlineData(false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ProbeFailure.Protocol)]
    [InlineData(false, "", ProbeFailure.Disconnected)]
    [InlineData(true, "", ProbeFailure.Disconnected)]
    [InlineData(false, "HTTP/1.1 200 OK\r\nConte", ProbeFailure.Disconnected)]
    [InlineData(true, "HTTP/1.1 200 OK\r\nConte", ProbeFailure.Disconnected)]
    [InlineData(false, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nO", ProbeFailure.Disconnected)]
    [InlineData(true, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nO", ProbeFailure.Disconnected)]
    [InlineData(false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ProbeFailure.Disconnected)]
    public async Task Probe_AnswerThatIsNone_IsCalledByItsName(bool tls, string answer, ProbeFailure expected)
    {
        await using var origin = new Origin(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync(answer);
            },
            tls ? certificates.Good : null);

        var result = await Given.RunAsync(Given.Http(origin).Expecting(Given.Text("OK")));

        Assert.Equal(expected, result.Failure);
        // One connection for each probe: the HTTP client does not try again by itself.
        Assert.Equal(2, origin.AcceptedCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_Reset_SaysSo(bool tls)
    {
        await using var origin = new Origin(
            async connection =>
            {
                await connection.ReadHeadAsync();
                connection.Socket.LingerState = new(true, 0);
                connection.Socket.Close();
            },
            tls ? certificates.Good : null);

        var result = await Given.RunAsync(Given.Http(origin));

        Assert.Equal((ProbeFailure.Disconnected, "the connection was reset " + (tls ? "in the middle of the answer" : "before any answer")),
            (result.Failure, result.Text));
    }

    private static TheoryData<bool, string> Both(params string[] answers)
    {
        TheoryData<bool, string> data = [];
        foreach (var answer in answers)
        {
            data.Add(false, answer);
            data.Add(true, answer);
        }
        return data;
    }
}
