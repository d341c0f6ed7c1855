using System.Net;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;

namespace FastTcpProxy.Daemon.Tests.Deployments;

/// <summary>Postfix, with postscreen and submission, behind the proxy, with checks of its protocol. The test owns both.</summary>
public sealed partial class PostfixTests
{
    private const int Rounds = 6;

    /// <summary>Not the address of the checks, so that the server's log tells them apart.</summary>
    private static readonly IPAddress ClientAddress = IPAddress.Parse("127.0.0.77");

    [Fact]
    public async Task Postfix_BehindTheProxy_KnowsItsClientsLogsOrderlyChecksAndIsFollowed()
    {
        RequiresPeer.Postfix();
        using PostfixServer postfix = await PostfixServer.StartAsync();
        DeployedService[] services = Services(postfix);
        using CheckedProxy proxy = await CheckedProxy.StartAsync(services);
        await proxy.WaitForChecksAsync(1);

        foreach (DeployedService service in services)
        {
            using TestClient client = await TestClient.ConnectAsync(service.Listen, new IPEndPoint(ClientAddress, 0));
            Assert.Contains("220 peer.test ESMTP", await client.ReceiveUntilAsync("220 peer.test ESMTP Postfix\r\n"));
            await client.SendAsync("EHLO client.test\r\n");
            await client.ReceiveUntilAsync("250 CHUNKING\r\n");
            await client.SendAsync("QUIT\r\n");
            Assert.StartsWith("221 ", await client.ReceiveToEndAsync());
            await WaitForLogAsync(postfix, service.Upstream.Equals(postfix.Postscreen)
                ? $"postscreen[N]: CONNECT from [{ClientAddress}]:{client.LocalEndPoint.Port}"
                : $"submission/smtpd[N]: disconnect from unknown[{ClientAddress}] ehlo=1 quit=1 commands=2");
        }

        await proxy.WaitForChecksAsync(Rounds);
        string[] unexpected = UnexpectedLines(postfix.Log);
        if (unexpected.Length > 0) Assert.Fail(string.Join("\n", unexpected));

        // The connections of the checks that timed out wait for it then: a reset among them would end smtpd, for a minute.
        await proxy.AssertHangIsSeenAsync(postfix.Process, [.. services.Select(service =>
            (service.Name, "(greeting|EHLO|QUIT|step [135]): "))]);
        string[] faults = [.. postfix.Log.Where(line => Fault().IsMatch(line))];
        if (faults.Length > 0) Assert.Fail(string.Join("\n", faults));
        await proxy.AssertEndIsSeenAsync(postfix.Process, services.Select(service => service.Name));

        await proxy.ReloadAsync([.. services[..^1], services[^1] with { Check = Steps("STARTTLS") }]);
        string missing = await proxy.WaitForEventAsync("steps", "is down: step 3: timed out waiting for the answer");
        Assert.Contains("the answer does not contain \"STARTTLS\": \"250-peer.test", missing);

        // What the assertion on the log could not see otherwise: a check that breaks off.
        await proxy.ReloadAsync([.. services.Select(service => service with { Check = "\"type\": \"tcp\"" })]);
        await WaitForLogAsync(postfix, "submission/smtpd[N]: lost connection after CONNECT from unknown[127.0.0.1]");
        Assert.Contains(UnexpectedLines(postfix.Log), line => line.Contains("lost connection", StringComparison.Ordinal));
    }

    private static DeployedService[] Services(PostfixServer postfix) =>
    [
        new("mx2", FreePort.Loopback(), postfix.Postscreen, "proxy-v2", "\"type\": \"smtp\""),
        new("mx1", FreePort.Loopback(), postfix.Postscreen, "proxy-v1", "\"type\": \"smtp\""),
        new("submission", FreePort.Loopback(), postfix.Submission, "proxy-v2", "\"type\": \"smtp\""),
        new("steps", FreePort.Loopback(), postfix.Submission, "proxy-v2", Steps("/\\n250 [^\\n]*\\n/")),
    ];

    private static string Steps(string expect) => $$"""
        "type": "tcp", "steps": [
          { "expect": "/^220 .*\\n/" }, { "send": "EHLO proxy.test\r\n" }, { "expect": "{{expect.Replace("\\", "\\\\")}}" },
          { "send": "QUIT\r\n" }, { "expect": "/^221/" } ]
        """;

    private static Task<string> WaitForLogAsync(PostfixServer postfix, string text) => postfix.Process.Child.Output.WaitForLineAsync(
        line => Number().Replace(line, "[N]").Contains(text, StringComparison.Ordinal), "Postfix logs: " + text);

    /// <summary>All but the lines that src/docs/health-checks.md tells of a check, and those of a client that behaves.</summary>
    private static string[] UnexpectedLines(string[] log) => [.. log.Where(line => !Orderly().IsMatch(line))];

    /// <summary>The number of a process.</summary>
    [GeneratedRegex(@"\[[0-9]+\](?=: )")]
    private static partial Regex Number();

    [GeneratedRegex("fatal|panic|warning|throttling")]
    private static partial Regex Fault();

    [GeneratedRegex("""
        (starting\ the\ Postfix\ mail\ system | daemon\ started .*
        | /postscreen\[[0-9]+\]:\ (CONNECT\ from .* | (ALLOWLISTED | PASS\ NEW)\ \[127.0.0.(1|77)\]:[0-9]+)
        | /smtpd\[[0-9]+\]:\ (connect\ from\ [^ ]* | disconnect\ from\ [^ ]*\ ehlo=1\ quit=1\ commands=2))$
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Orderly();
}
