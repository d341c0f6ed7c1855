using System.Net;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;

namespace FastTcpProxy.Daemon.Tests.Deployments;

/// <summary>Dovecot behind the proxy, with checks of its protocol. The test owns both.</summary>
public sealed partial class DovecotTests
{
    private const int Rounds = 6;

    /// <summary>Not the address of the checks, so that the server's log tells them apart.</summary>
    private static readonly IPAddress ClientAddress = IPAddress.Parse("127.0.0.77");

    [Fact]
    public async Task Dovecot_BehindTheProxy_KnowsItsClientsLogsOrderlyChecksAndIsFollowed()
    {
        RequiresPeer.Dovecot();
        using DovecotReceiver dovecot = await DovecotReceiver.StartAsync();
        DeployedService imap = new("imap", FreePort.Loopback(), dovecot.EndPoint, "proxy-v2", "\"type\": \"imap\"");
        using CheckedProxy proxy = await CheckedProxy.StartAsync(imap);
        await proxy.WaitForChecksAsync(1);

        using (TestClient client = await TestClient.ConnectAsync(imap.Listen, new IPEndPoint(ClientAddress, 0)))
        {
            await client.ReceiveUntilAsync("ready\r\n");
            await client.SendAsync("a CAPABILITY\r\n");
            Assert.Contains("LOGIN", await client.ReceiveUntilAsync("a OK"));
            await client.SendAsync("b LOGOUT\r\n");
            await client.ReceiveToEndAsync();
            string name = $"client=[{ClientAddress}]:{client.LocalEndPoint.Port},";
            await dovecot.Process.Child.Error.WaitForLineAsync(line => line.Contains(name, StringComparison.Ordinal), name);
        }

        await proxy.WaitForChecksAsync(Rounds);
        Assert.Equal([], UnexpectedLines(dovecot.Log));

        await proxy.AssertHangIsSeenAsync(dovecot.Process, ("imap", "(greeting|LOGOUT): "));
        await proxy.AssertEndIsSeenAsync(dovecot.Process, ["imap"]);

        long mark = dovecot.Process.Child.Error.Count;
        await proxy.ReloadAsync(imap with { Check = "\"type\": \"tcp\"" });
        await dovecot.Process.Child.Error.WaitForLineAsync(line => !Orderly().IsMatch(line), "a check that breaks off", after: mark);
    }

    /// <summary>All but the lines that src/docs/health-checks.md tells of a check, and those of a client that behaves.</summary>
    private static string[] UnexpectedLines(string[] log) => [.. log.Where(line => !Orderly().IsMatch(line))];

    [GeneratedRegex(@"starting up for imap|"
        + @"imap-login: Info: Disconnected: Aborted login by logging out \(no auth attempts in [0-9]+ secs\): ")]
    private static partial Regex Orderly();
}
