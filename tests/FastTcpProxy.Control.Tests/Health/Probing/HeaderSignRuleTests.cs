using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Answers of real servers, and what they say about the PROXY header.</summary>
public sealed class HeaderSignRuleTests
{
    [Theory]
    // Closed without a byte.
    [InlineData(CheckProxyHeader.V2, ProbeFailure.Disconnected, "", HeaderSign.Unwanted)]
    [InlineData(CheckProxyHeader.None, ProbeFailure.Disconnected, "", HeaderSign.Missing)]
    [InlineData(CheckProxyHeader.None, ProbeFailure.Disconnected, "220 ", HeaderSign.None)]
    [InlineData(CheckProxyHeader.V2, ProbeFailure.Disconnected, "220 ", HeaderSign.None)]
    // Silence is not telling, and neither is a server that is not there.
    [InlineData(CheckProxyHeader.V2, ProbeFailure.ResponseTimeout, "", HeaderSign.None)]
    [InlineData(CheckProxyHeader.None, ProbeFailure.ResponseTimeout, "", HeaderSign.None)]
    [InlineData(CheckProxyHeader.V2, ProbeFailure.ConnectRefused, "", HeaderSign.None)]
    // nginx, which a check finds good by default, and a body that only speaks of it.
    [InlineData(CheckProxyHeader.V2, null, "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n", HeaderSign.Unwanted)]
    [InlineData(CheckProxyHeader.None, null, "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n", HeaderSign.None)]
    [InlineData(CheckProxyHeader.V2, null, "HTTP/1.1 200 OK\r\n\r\nno bad request, no syntax error", HeaderSign.None)]
    // An echo.
    [InlineData(CheckProxyHeader.V1, ProbeFailure.Content, "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nPING\r\n", HeaderSign.Unwanted)]
    [InlineData(CheckProxyHeader.V2, null, "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0PONG", HeaderSign.Unwanted)]
    // Postfix, Sendmail, Dovecot, OpenSSH, MariaDB.
    [InlineData(CheckProxyHeader.V1, ProbeFailure.Content,
        "220 peer.test ESMTP Postfix\r\n500 5.5.2 Error: command not recognized\r\n", HeaderSign.Unwanted)]
    [InlineData(CheckProxyHeader.V1, ProbeFailure.Content,
        "220 peer.test ESMTP Sendmail\r\n500 5.5.1 Command unrecognized: \"PROXY TCP4 127\"\r\n", HeaderSign.Unwanted)]
    [InlineData(CheckProxyHeader.V1, ProbeFailure.Content,
        "* OK [CAPABILITY IMAP4rev1] ready.\r\nPROXY BAD Error in IMAP command received by server.\r\n", HeaderSign.Unwanted)]
    [InlineData(CheckProxyHeader.V1, ProbeFailure.Content, "Invalid SSH identification string.\r\n", HeaderSign.Unwanted)]
    [InlineData(CheckProxyHeader.V2, ProbeFailure.Content, "J\0\0\0\xffProxy header is not accepted from 192.0.2.9", HeaderSign.Unwanted)]
    [InlineData(CheckProxyHeader.None, ProbeFailure.Content, "500 5.5.2 Error: command not recognized\r\n", HeaderSign.None)]
    public void Sign_OfAnAnswer_IsWhatItLooksLike(CheckProxyHeader sent, ProbeFailure? failure, string answer, HeaderSign expected)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(answer);

        Assert.Equal(expected, HeaderSignRule.Of(sent, failure, bytes.Length, bytes));
    }

    [Fact]
    public void Signs_InARow_AreCountedAndTold()
    {
        HeaderSigns signs = default;
        for (int i = 1; i < HeaderSigns.ProbesMin; i++)
        {
            signs = signs.With(HeaderSign.Unwanted);
            Assert.False(signs.IsTelling);
        }
        signs = signs.With(HeaderSign.Unwanted);

        Assert.True(signs.IsTelling);
        Assert.Equal(new HeaderSigns(HeaderSign.Missing, 1), signs.With(HeaderSign.Missing));
        Assert.Equal(default, signs.With(HeaderSign.None));
        Assert.Equal(int.MaxValue, new HeaderSigns(HeaderSign.Missing, int.MaxValue).With(HeaderSign.Missing).Probes);
    }

    /// <summary>The beginning of an answer is kept however it comes, and no more of it.</summary>
    [Theory]
    [InlineData(0, HeaderSign.Unwanted)]
    [InlineData(HeaderSignRule.AnswerBytesMax - 10, HeaderSign.Unwanted)]
    [InlineData(HeaderSignRule.AnswerBytesMax - 9, HeaderSign.None)]
    public async Task Probe_Answer_IsLookedAtUpToItsBound(int before, HeaderSign expected)
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.SendAsync(new string('x', before) + "bad ");
            await connection.SendAsync("syntax");
        });
        HealthCheckConfiguration check = Given.Tcp(origin.EndPoint).Expecting(Given.Text("PONG"));

        Assert.Equal(expected, (await Given.RunAsync(check with { ProxyHeader = CheckProxyHeader.V2 })).Sign);
    }
}
