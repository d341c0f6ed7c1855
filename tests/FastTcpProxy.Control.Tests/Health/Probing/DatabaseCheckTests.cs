using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Checks of real databases: good, and without a trace in the server. Each test owns its server.</summary>
public sealed class DatabaseCheckTests
{
    private const int Rounds = 5;

    /// <summary>The counters that grow with connections that are broken off before a login.</summary>
    private const string Aborted = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='ABORTED_CONNECTS'";
    private const string HostErrors = "SELECT COALESCE(SUM(SUM_CONNECT_ERRORS), 0) FROM performance_schema.host_cache";

    [Theory]
    [InlineData(CheckProxyHeader.None)]
    [InlineData(CheckProxyHeader.V1)]
    [InlineData(CheckProxyHeader.V2)]
    public async Task Mariadb_ALogin_CountsNoConnectError(CheckProxyHeader header)
    {
        RequiresPeer.Mariadb();
        using MariadbServer server = await MariadbServer.StartAsync();
        HealthCheckConfiguration check = Check(server.EndPoint, CheckType.Mysql, "check") with { ProxyHeader = header };
        int lines = server.Log.Length;

        for (int i = 0; i < Rounds; i++) await AssertGoodAsync(check);

        Assert.Equal(("0", "0"), (await server.QueryAsync(Aborted), await server.QueryAsync(HostErrors)));
        Assert.Empty(server.Log[lines..]);

        // What the test could not see otherwise: a plain check is counted.
        await AssertGoodAsync(check with { Type = CheckType.Tcp });
        await Eventually.HoldsAsync(() => server.QueryAsync(Aborted).Result != "0", "a connection that is broken off is counted");
    }

    [Fact]
    public async Task Mariadb_AUserThatItRefuses_IsBad()
    {
        RequiresPeer.Mariadb();
        using MariadbServer server = await MariadbServer.StartAsync();

        ProbeResult result = await Given.RunAsync(Check(server.EndPoint, CheckType.Mysql, "stranger"));

        Assert.Equal(ProbeFailure.Content, result.Failure);
        Assert.StartsWith("login of \"stranger\": the server refuses: 1045 \"Access denied for user 'stranger'@", result.Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("check")]
    public async Task Postgresql_LeavesNoLine(string? user)
    {
        RequiresPeer.Postgresql();
        using PostgresqlServer server = await PostgresqlServer.StartAsync();
        HealthCheckConfiguration check = Check(server.EndPoint, CheckType.Postgresql, user);
        int lines = server.Log.Length;

        for (int i = 0; i < Rounds; i++) await AssertGoodAsync(check);

        // The line of a plain check comes behind those that there would be before it.
        await AssertGoodAsync(check with { Type = CheckType.Tcp });
        await Eventually.HoldsAsync(() => server.Log.Length > lines, "a connection that is reset is logged");
        Assert.Contains("could not receive data from client", Assert.Single(server.Log[lines..]));
    }

    [Fact]
    public async Task Postgresql_AUserThatItDoesNotKnow_IsBad()
    {
        RequiresPeer.Postgresql();
        using PostgresqlServer server = await PostgresqlServer.StartAsync();

        ProbeResult result = await Given.RunAsync(Check(server.EndPoint, CheckType.Postgresql, "stranger"));

        Assert.Equal((ProbeFailure.Content, "login of \"stranger\": the server refuses: \"role \"stranger\" does not exist\""),
            (result.Failure, result.Text));
    }

    private static HealthCheckConfiguration Check(IPEndPoint endPoint, CheckType type, string? user) =>
        Given.Tcp(endPoint) with { Type = type, User = user };

    private static async Task AssertGoodAsync(HealthCheckConfiguration check)
    {
        using var probe = Given.Probe(check);
        ProbeResult result = await probe.RunAsync(CancellationToken.None);
        Assert.Null(result.Failure is null ? null : result.Text);
    }
}
