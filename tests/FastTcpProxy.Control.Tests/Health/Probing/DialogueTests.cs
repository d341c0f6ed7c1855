using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Dialogues with servers that say what the test says.</summary>
public sealed class DialogueTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Steps_OfAServerThatAnswers_AreGood_AndTheCloseIsInOrder(bool tls)
    {
        var ends = new List<bool>();
        using var certificates = new TestCertificates();
        await using var origin = new Origin(
            async connection =>
            {
                await connection.SendAsync("220-hello\r\n2");
                await connection.SendAsync("20 ready\r\n");
                Assert.Equal("QUIT\n", Encoding.ASCII.GetString(await connection.ReadExactlyAsync(5)));
                await connection.SendAsync("221 bye\r\n");
                bool wasReset = await connection.HoldAsync();
                lock (ends) ends.Add(wasReset);
            },
            tls ? certificates.SelfSigned : null);

        ProbeResult result = await Given.RunAsync(
            Script(origin, ("", "220-"), ("", "/\n220 .*\n/"), ("QUIT\n", ""), ("", "/^221/")) with { UsesTls = tls });

        Assert.Equal((null, "the dialogue went as expected"), (result.Failure, result.Text));
        await Eventually.HoldsAsync(() => { lock (ends) return ends.Count == 2; }, "both ends");
        Assert.All(ends, Assert.False);
    }

    [Fact]
    public async Task Expect_SearchesWhatHasComeSinceTheLastSend()
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.SendAsync("one two");
            await connection.ReadExactlyAsync(1);
            await connection.SendAsync("three");
        });

        Assert.Null((await Given.RunAsync(Script(origin, ("", "two"), ("", "one"), ("x", ""), ("", "three")))).Failure);
        ProbeResult missing = await Given.RunAsync(Script(origin, ("", "two"), ("x", ""), ("", "one")));
        Assert.Equal((ProbeFailure.Content, "step 3: the answer does not contain \"one\": \"three\""), (missing.Failure, missing.Text));
    }

    [Theory]
    [InlineData("554 no\r\n", ProbeFailure.Content, "step 1: the answer does not contain \"220\": \"554 no\\u000d\\u000a\"")]
    [InlineData("", ProbeFailure.Disconnected, "step 1: the connection was closed before any answer")]
    [InlineData("220", ProbeFailure.Content, "step 2: the answer does not contain \"221\": \"220\"")]
    public async Task Failure_NamesTheStepAndWhatCame(string says, ProbeFailure failure, string text)
    {
        await using var origin = new Origin(connection => connection.SendAsync(says));

        ProbeResult result = await Given.RunAsync(Script(origin, ("", "220"), ("", "221")));

        Assert.Equal(failure, result.Failure);
        Assert.Equal(text, result.Text);
    }

    [Theory]
    [InlineData(CheckType.Smtp, "220 a\r\n", "EHLO localhost\r\n", "250-a\r\n250 B\r\n", "QUIT\r\n", "221\r\n")]
    [InlineData(CheckType.Imap, "* OK ready\r\n", "a LOGOUT\r\n", "* BYE\r\na OK done\r\n")]
    [InlineData(CheckType.Pop3, "+OK\r\n", "QUIT\r\n", "+OK bye\r\n")]
    public async Task ReadyMade_OfMail_SpeaksAsItsProtocolDoes(CheckType type, params string[] lines)
    {
        await using var origin = new Origin(async connection =>
        {
            for (int i = 0; i < lines.Length; i++)
            {
                if (i % 2 == 0) await connection.SendAsync(lines[i]);
                else Assert.Equal(lines[i], Encoding.ASCII.GetString(await connection.ReadExactlyAsync(lines[i].Length)));
            }
        });

        ProbeResult result = await Given.RunAsync(Given.Tcp(origin.EndPoint) with { Type = type });

        Assert.Equal((null, "the dialogue went as expected"), (result.Failure, result.Text));
    }

    [Theory]
    [InlineData(CheckType.Smtp, "554-no\r\n554 SMTP here\r\n", ProbeFailure.Content, "greeting: the server refuses: \"554-no\"")]
    [InlineData(CheckType.Smtp, "421 busy\r\n", ProbeFailure.Content, "greeting: the server refuses: \"421 busy\"")]
    [InlineData(CheckType.Smtp, "* OK IMAP\r\n", ProbeFailure.Protocol,
        "greeting: the answer is not that of SMTP: \"* OK IMAP\\u000d\\u000a\"")]
    [InlineData(CheckType.Smtp, "2200 no\r\n", ProbeFailure.Protocol, "greeting: the answer is not that of SMTP: ")]
    [InlineData(CheckType.Imap, "* BYE busy\r\n", ProbeFailure.Content, "greeting: the server refuses: \"* BYE busy\"")]
    [InlineData(CheckType.Imap, "220 mail\r\n", ProbeFailure.Protocol, "greeting: the answer is not that of IMAP: \"220 mail")]
    [InlineData(CheckType.Imap, "* ok ready\r\na bad no\r\n", ProbeFailure.Content, "LOGOUT: the server refuses: \"a bad no\"")]
    [InlineData(CheckType.Pop3, "-ERR busy\r\n", ProbeFailure.Content, "greeting: the server refuses: \"-ERR busy\"")]
    [InlineData(CheckType.Pop3, "220 mail\r\n", ProbeFailure.Protocol, "greeting: the answer is not that of POP3: \"220 mail")]
    public async Task ReadyMade_OfMail_EndsWithTheFirstLineThatSaysNo(CheckType type, string says, ProbeFailure failure, string text)
    {
        await using var origin = new Origin(async connection =>
        {
            string[] replies = says.Split("a bad");
            await connection.SendAsync(replies[0]);
            if (replies.Length > 1)
            {
                await connection.ReadExactlyAsync("a LOGOUT\r\n".Length);
                await connection.SendAsync("a bad" + replies[1]);
            }
            await connection.HoldAsync();
        });

        ProbeResult result = await Given.RunAsync(Given.Tcp(origin.EndPoint) with { Type = type, Timeout = TimeSpan.FromSeconds(30) });

        Assert.Equal(failure, result.Failure);
        Assert.StartsWith(text, result.Text);
    }

    [Fact]
    public async Task ReadyMade_ThatTimesOut_SaysWhatCame()
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.SendAsync("220-wait\r\n");
            await connection.HoldAsync();
        });

        ProbeResult result = await Given.RunAsync(
            Given.Tcp(origin.EndPoint) with { Type = CheckType.Smtp, Timeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(ProbeFailure.ResponseTimeout, result.Failure);
        Assert.EndsWith(": \"220-wait\\u000d\\u000a\"", result.Text);
    }

    [Theory]
    [InlineData(CheckType.Mysql, "\u0015\0\0\0\u00ff\u0069\u0004Host is blocked...", ProbeFailure.Content,
        "greeting: the server refuses: 1129 \"Host is blocked...\"")]
    [InlineData(CheckType.Mysql, "HTTP/1.1 400 Bad Request\r\n", ProbeFailure.Protocol,
        "greeting: the answer is not that of MySQL: \"HTTP")]
    [InlineData(CheckType.Mysql, "", ProbeFailure.Disconnected, "greeting: the connection was closed before any answer")]
    [InlineData(CheckType.Mysql, "\u0005\0\0\0\u000a", ProbeFailure.Disconnected,
        "greeting: the connection was closed in the middle of the answer: \"\\u0005")]
    [InlineData(CheckType.Postgresql, "E\0\0\0\u0016SFATAL\0Mstarting\0\0", ProbeFailure.Content,
        "login of \"check\": the server refuses: \"starting\"")]
    [InlineData(CheckType.Postgresql, "220 mail\r\n", ProbeFailure.Protocol,
        "login of \"check\": the answer is not that of PostgreSQL: \"220 mail")]
    [InlineData(CheckType.Postgresql, "R\u00ff\u00ff\u00ff\u00ff", ProbeFailure.Protocol,
        "login of \"check\": the answer is not that of PostgreSQL")]
    [InlineData(CheckType.Postgresql, "R\0\0\0\u0008\0\0\0\u000a", null, "the dialogue went as expected")]
    [InlineData(CheckType.Postgresql, "R\0\0\0\u0008\0\0\0\0N\0\0\0\u0005aZ\0\0\0\u0005I", null, "the dialogue went as expected")]
    public async Task ReadyMade_OfADatabase_SaysWhatTheServerSays(CheckType type, string answer, ProbeFailure? failure, string says)
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.SendAsync(answer);
            if (type == CheckType.Postgresql) await connection.HoldAsync();
        });

        ProbeResult result = await Given.RunAsync(Given.Tcp(origin.EndPoint) with { Type = type, User = "check" });

        Assert.Equal(failure, result.Failure);
        Assert.StartsWith(says, result.Text);
    }

    private static HealthCheckConfiguration Script(Origin origin, params (string Send, string Expect)[] steps) =>
        Given.Tcp(origin.EndPoint) with
        {
            Steps = [.. steps.Select(step => new CheckStep([.. Encoding.ASCII.GetBytes(step.Send)],
                step.Expect.Length == 0 ? null : step.Expect[0] == '/' ? Given.Expression(step.Expect[1..^1]) : Given.Text(step.Expect)))],
        };
}
