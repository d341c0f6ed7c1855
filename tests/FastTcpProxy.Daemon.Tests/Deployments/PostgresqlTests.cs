using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Deployments;

/// <summary>PostgreSQL behind the proxy, with checks of its protocol. The test owns both.</summary>
public sealed class PostgresqlTests
{
    private const int Rounds = 10;

    [Fact]
    public async Task Postgresql_BehindTheProxy_AnswersLogsNoCheckAndIsFollowed()
    {
        RequiresPeer.Postgresql();
        using PostgresqlServer server = await PostgresqlServer.StartAsync();
        DeployedService[] services = Services(server);
        using CheckedProxy proxy = await CheckedProxy.StartAsync(services);
        await proxy.WaitForChecksAsync(1);
        int lines = server.Log.Length;

        Assert.Equal("2", await AskAsync(services[0], "SELECT 1 + 1"));
        await proxy.WaitForChecksAsync(Rounds);
        Assert.Equal([], server.Log[lines..]);

        await proxy.ReloadAsync([.. services.Select(service => service with { Check = "\"type\": \"tcp\"" })]);
        await Eventually.HoldsAsync(() => server.Log.Length > lines, "a connection that is reset is logged");
        Assert.Contains("could not receive data from client", server.Log[lines]);

        await proxy.ReloadAsync(services);
        await proxy.WaitForChecksAsync(1);
        await proxy.AssertHangIsSeenAsync(server.Process, ("asks", ""), ("logs-in", "login of \"check\": "));
        await proxy.AssertEndIsSeenAsync(server.Process, services.Select(service => service.Name));

        await AskAsync(services[0], "ALTER ROLE \"check\" NOLOGIN");
        await proxy.WaitForEventAsync("logs-in", "is down: login of \"check\": the server refuses: ");
    }

    private static DeployedService[] Services(PostgresqlServer server) =>
    [
        new("asks", FreePort.Loopback(), server.EndPoint, "raw", "\"type\": \"postgresql\""),
        new("logs-in", FreePort.Loopback(), server.EndPoint, "raw", "\"type\": \"postgresql\", \"user\": \"check\""),
    ];

    private static async Task<string> AskAsync(DeployedService service, string sql)
    {
        ProcessResult answer = await ChildProcess.RunAsync(RequiresPeer.PostgresqlPath("psql"),
            ["--no-psqlrc", $"--host={service.Listen.Address}", $"--port={service.Listen.Port}", "--username=check", "--dbname=postgres",
                "--tuples-only", "--no-align", "--command", sql]);
        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        return answer.Output;
    }
}
