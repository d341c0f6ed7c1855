using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Running;
using FastTcpProxy.Daemon.Tests.Admin;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>What keeps the proxy from being ready, a line each.</summary>
public sealed class ReadinessTests
{
    [Theory]
    [InlineData(ProcessState.Starting, "the process is starting")]
    [InlineData(ProcessState.Serving)]
    [InlineData(ProcessState.Draining, "the process is draining: it takes no new clients")]
    public void State_IsALine(object state, params string[] lines) => Assert.Equal(lines, Readiness.NotReady((ProcessState)state, [FakeStatus.Mail]));

    [Fact]
    public void Service_WithoutAnUpstreamThatServes_IsALineEach()
    {
        ServiceStatus dead = FakeStatus.Mail with { Name = "dead", Upstreams = [.. FakeStatus.Mail.Upstreams[..2].Select(u => u with { IsServing = false, Why = "down" })] };

        Assert.Equal(
            ["the process is draining: it takes no new clients", "service dead: no upstream serves (primary: down; secondary: down)", "service gone: no upstream serves (primary: down; secondary: down)"],
            Readiness.NotReady(ProcessState.Draining, [dead, FakeStatus.Mail, dead with { Name = "gone" }]));
    }
}
