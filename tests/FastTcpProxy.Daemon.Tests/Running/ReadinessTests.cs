using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>What keeps the proxy from being ready, a line each; and that it is ready exactly when clients are served.</summary>
public sealed class ReadinessTests
{
    [Theory]
    [InlineData(ProcessState.Starting, "the process is starting")]
    [InlineData(ProcessState.Serving)]
    [InlineData(ProcessState.Draining, "the process is draining: it takes no new clients")]
    public void State_IsALine(object state, params string[] lines)
    {
        Readiness readiness = Readiness.Of((ProcessState)state, [FakeStatus.Mail]);

        Assert.Equal(lines, readiness.NotReady);
        Assert.Equal(lines.Length == 0 ? ServiceReadiness.Ready : ServiceReadiness.NotReady, readiness.State);
    }

    [Fact]
    public void Service_WithoutAnUpstreamThatServes_IsALineEach()
    {
        ServiceStatus dead = FakeStatus.Mail with
        {
            Name = "dead", Upstreams = [.. FakeStatus.Mail.Upstreams[..2].Select(u => u with { IsServing = false, Why = "down" })],
        };

        Assert.Equal(
            ["the process is draining: it takes no new clients", "service dead: no upstream serves (primary: down; secondary: down)",
                "service gone: no upstream serves (primary: down; secondary: down)"],
            Readiness.Of(ProcessState.Draining, [dead, FakeStatus.Mail, dead with { Name = "gone" }]).NotReady);
    }

    [Theory]
    [InlineData("ready", ServiceReadiness.Ready)]
    [InlineData("ready degraded", ServiceReadiness.Degraded)]
    [InlineData("degraded ready", ServiceReadiness.Degraded)]
    [InlineData("degraded notReady", ServiceReadiness.NotReady)]
    [InlineData("notReady ready degraded", ServiceReadiness.NotReady)]
    public void Services_TheWorstDecides(string services, ServiceReadiness expected)
    {
        UpstreamStatus up = FakeStatus.Mail.Upstreams[1], down = FakeStatus.Mail.Upstreams[0];
        ImmutableArray<ServiceStatus> given =
        [
            .. services.Split(' ').Select(word => FakeStatus.Mail with
            {
                Name = word,
                Upstreams = word switch { "ready" => [down, up], "degraded" => [down with { IsServing = true, IsTriedAlthoughDown = true }],
                    _ => [down] },
            }),
        ];

        Readiness readiness = Readiness.Of(ProcessState.Serving, given);

        Assert.Equal(expected, readiness.State);
        Assert.Equal(given.Count(s => s.Name == "notReady"), readiness.NotReady.Length);
        Assert.Equal(given.Count(s => s.Name == "degraded"), readiness.Degraded.Length);
        Assert.All(readiness.Degraded, line => Assert.Equal("service degraded: no upstream is up, and those that are enabled are "
            + "tried nevertheless (primary: down)", line));
    }

    /// <param name="upstreams">What each is: "up", "down", "no" address, "off" by an operator.</param>
    /// <param name="allDown">What is done when none is up.</param>
    [Theory]
    [InlineData("up down", "try-in-order", ServiceReadiness.Ready)]
    [InlineData("no up", "fail", ServiceReadiness.Ready)]
    [InlineData("down down", "try-in-order", ServiceReadiness.Degraded)]
    [InlineData("down down", "fail", ServiceReadiness.NotReady)]
    [InlineData("no no", "try-in-order", ServiceReadiness.NotReady)]
    [InlineData("no down", "try-in-order", ServiceReadiness.Degraded)]
    [InlineData("no down", "fail", ServiceReadiness.NotReady)]
    [InlineData("off down", "try-in-order", ServiceReadiness.Degraded)]
    [InlineData("off off", "try-in-order", ServiceReadiness.NotReady)]
    [InlineData("off no", "try-in-order", ServiceReadiness.NotReady)]
    public async Task Proxy_IsReady_ExactlyWhenAClientIsServed(string upstreams, string allDown, ServiceReadiness expected)
    {
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        string[] states = upstreams.Split(' ');
        string Address(string state) => state == "no" ? "nowhere.invalid:25" : echo.EndPoint.ToString();
        string Check(string state) => state == "down" ? """, "healthCheck": { "type": "tcp", "interval": "1h" }""" : "";
        string list = string.Join(", ", states.Select((state, i) =>
            $$"""{ "name": "u{{i}}", "address": "{{Address(state)}}"{{Check(state)}} }"""));
        await using ReloadBed bed =
            await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [listen], list, $"\"allDown\": \"{allDown}\",")), _ => []);
        for (int i = 0; i < states.Length; i++)
        {
            if (states[i] == "off") bed.Proxy.Overrides.Set(new UpstreamOverride("s", $"u{i}", OverrideState.Disabled, "", "tester"));
            if (states[i] != "down") continue;
            ActiveUpstream upstream = bed["s"].Rotation.Places.Single(p => p.Configuration.Name == $"u{i}").Upstream;
            await Eventually.HoldsAsync(() => upstream.Health.State == HealthState.Up, "its first check has ended");
            bed.Proxy.Composer.TrySetHealth(upstream, upstream.Health,
                upstream.Health with { State = HealthState.Down, IsServing = false });
        }

        ServiceStatus status = Assert.Single(bed.Proxy.Status.Services);

        Assert.Equal(expected, status.Readiness);
        Assert.All(status.Upstreams.Zip(states).Where(p => p.Second == "no"),
            p => Assert.Matches("^its name has had no address since .*Z: it has no address$", p.First.Why));
        bool served;
        try
        {
            using TestClient client = await TestClient.ConnectAsync(listen);
            await client.SendAsync("x");
            served = await client.ReceiveUntilAsync("x") == "x";
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException or InvalidOperationException)
        {
            served = false;
        }
        Assert.Equal(expected != ServiceReadiness.NotReady, served);
    }
}
