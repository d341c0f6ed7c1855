using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Deployments;

/// <summary>MariaDB behind the proxy, with checks of its protocol. The test owns both.</summary>
public sealed class MariadbTests
{
    private const int Rounds = 10;

    private const string Aborted = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='ABORTED_CONNECTS'";
    private const string HostErrors = "SELECT COALESCE(SUM(SUM_CONNECT_ERRORS), 0) FROM performance_schema.host_cache";

    [Fact]
    public async Task Mariadb_BehindTheProxy_KnowsItsClientsCountsNoCheckAndIsFollowed()
    {
        RequiresPeer.Mariadb();
        using MariadbServer server = await MariadbServer.StartAsync();
        DeployedService[] services = Services(server);
        using CheckedProxy proxy = await CheckedProxy.StartAsync(services);
        await proxy.WaitForChecksAsync(1);
        int lines = server.Log.Length;

        foreach (DeployedService service in services)
        {
            ProcessResult answer = await ChildProcess.RunAsync(RequiresPeer.MariadbClientPath,
                ["--no-defaults", "--protocol=tcp", $"--host={service.Listen.Address}", $"--port={service.Listen.Port}", "--user=check",
                    "--skip-column-names", "--execute", "SELECT HOST FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()"]);
            Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
            string client = (await proxy.Process.WaitForSessionAsync(s => s.GetProperty("service").GetString() == service.Name))
                .GetProperty("client").GetString()!;
            // Both have the address of the loopback: the port tells the client from the proxy.
            Assert.Equal(service.Mode != "raw", PortOf(answer.Output) == PortOf(client));
        }

        await proxy.WaitForChecksAsync(Rounds);
        Assert.Equal(("0", "0"), (await server.QueryAsync(Aborted), await server.QueryAsync(HostErrors)));
        Assert.Equal([], server.Log[lines..]);

        await proxy.ReloadAsync([.. services.Select(service => service with { Check = "\"type\": \"tcp\"" })]);
        await Eventually.HoldsAsync(async () => await server.QueryAsync(Aborted) != "0", "a connection that is broken off is counted");
        Assert.Contains("unauthenticated", server.Log[^1]);

        await proxy.ReloadAsync(services);
        await proxy.WaitForChecksAsync(1);
        await proxy.AssertHangIsSeenAsync(server.Process,
            [.. services.Select(service => (service.Name, "(greeting|login of \"check\"): "))]);
        await proxy.AssertEndIsSeenAsync(server.Process, services.Select(service => service.Name));

        await server.QueryAsync("DROP USER 'check'@'%'");
        foreach (DeployedService service in services)
            await proxy.WaitForEventAsync(service.Name, "is down: login of \"check\": the server refuses: 1045 ");
    }

    private static DeployedService[] Services(MariadbServer server) =>
    [
        new("headed", FreePort.Loopback(), server.EndPoint, "proxy-v2", "\"type\": \"mysql\""),
        new("plain", FreePort.Loopback(), server.EndPoint, "raw", "\"type\": \"mysql\""),
    ];

    private static string PortOf(string endPoint) => endPoint[(endPoint.LastIndexOf(':') + 1)..];
}
