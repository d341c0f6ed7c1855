using FastTcpProxy.Daemon.Cli;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>Draining an upstream, and the whole process, by the real program.</summary>
public sealed class DrainCommandTests
{
    [Fact]
    public async Task UpstreamDrain_SessionThatStays_Exits3WithTheCount()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        using TestClient client = await bed.JoinAsync();

        ProcessResult result = await bed.RunAsync("upstream drain mail primary --wait 1s");

        UpstreamCommandTests.AssertFailed(result, 3, "1 session of primary left after 1s; it continues to drain");
        Assert.Contains("waiting up to 1s for 1 session to end", result.Output);
        await client.SendAsync("again");
        Assert.Equal("again", await client.ReceiveUntilAsync("again"));
        Assert.Contains("draining", await bed.DoAsync("upstream list mail"));
    }

    [Fact]
    public async Task UpstreamDrain_LastSessionEnds_Exits0()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        TestClient client = await bed.JoinAsync();
        using ChildProcess drain = ChildProcess.Start(
            ProxyExecutable.FilePath, ["upstream", "drain", "mail", "primary", "--wait", "60s", "--socket", bed.Socket],
            ProxyExecutable.Environment);
        await drain.Output.WaitForLineAsync(
            line => line.StartsWith("waiting up to 1m for 1 session", StringComparison.Ordinal), "it waits");

        client.Dispose();

        Assert.Equal(0, await drain.WaitForExitAsync());
        await drain.Output.WaitForLineAsync(line => line.StartsWith("no session is left on it, after ", StringComparison.Ordinal),
            "it says so");
    }

    [Fact]
    public async Task UpstreamDrain_EndedByAnother_IsNotWaitedFor()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        using TestClient client = await bed.JoinAsync();
        using ChildProcess drain = ChildProcess.Start(
            ProxyExecutable.FilePath, ["upstream", "drain", "mail", "primary", "--wait", "60s", "--socket", bed.Socket],
            ProxyExecutable.Environment);
        await drain.Output.WaitForLineAsync(line => line.StartsWith("waiting", StringComparison.Ordinal), "it waits");

        string undrained = await bed.DoAsync("upstream undrain mail primary");

        Assert.StartsWith("primary of mail: enabled by the configuration\nbefore: draining by ", undrained);
        Assert.Equal(1, await drain.WaitForExitAsync());
        await drain.Error.WaitForLineAsync(line => line == "error: primary of mail no longer drains: no check is configured",
            "it says why");
    }

    [Fact]
    public async Task Undrain_WhatDoesNotDrain_SaysSo()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        string nothing = await bed.DoAsync("upstream undrain mail primary");
        await bed.DoAsync("upstream disable mail primary");
        ProcessResult disabled = await bed.RunAsync("upstream undrain mail primary");

        Assert.Equal("primary of mail is not draining, and nothing else was set: nothing to do", nothing);
        UpstreamCommandTests.AssertFailed(disabled, 1, "primary of mail is not draining but disabled by ");
    }

    [Theory]
    [InlineData(true, 0, "it drains: no session is left, and it exits now")]
    [InlineData(true, 2, "it drains: 2 sessions may continue for 30s, and it exits with the last one")]
    [InlineData(false, 0, "it drains already, by an earlier request: no session is left")]
    [InlineData(false, 1, "it drains already, by an earlier request: 1 session left")]
    public void Drain_SaysWhatFollowsForTheSessions(bool started, int sessions, string text) =>
        Assert.Equal(text, DrainCommand.Text(new DrainDocument(started, sessions), "30s"));

    [Fact]
    public async Task Drain_EndsTheProcessWithItsSessions()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        TestClient client = await bed.JoinAsync();

        string first = await bed.DoAsync("drain --timeout 10m");
        ProcessResult status = await bed.RunAsync("status");
        string second = await bed.DoAsync("drain");
        client.Dispose();

        Assert.Equal("it drains: 1 session may continue for 10m, and it exits with the last one", first);
        Assert.Equal(3, status.ExitCode);
        Assert.Contains("draining", status.Output);
        Assert.Equal("it drains already, by an earlier request: 1 session left", second);
        Assert.Equal(0, await bed.Proxy.Child.WaitForExitAsync());
        Assert.Equal(1, (await bed.RunAsync("status")).ExitCode);
    }
}
