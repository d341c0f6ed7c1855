using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Control.Tests.Activation;

/// <summary>Every key of the configuration reaches the engine. Pure.</summary>
public sealed class ServiceDefinitionTests
{
    private const string Full =
        """
        { "services": [{
            "name": "full", "listen": ["192.0.2.1:25", "[::]:26", "unix:/run/x.sock"], "mode": "proxy-v1",
            "connectTimeout": "2s", "totalConnectTimeout": "8s", "onAllFailed": "close", "abortOnClose": true,
            "idleTimeout": "3m", "halfCloseTimeout": "7s", "tcpUserTimeout": "11s",
            "keepAlive": { "idle": "20s", "interval": "5s", "count": 3 },
            "sourceAddresses": ["192.0.2.7", "2001:db8::7"], "maxSessions": 9,
            "acceptProxy": { "from": ["10.0.0.0/8"], "timeout": "4s", "others": "plain", "passTlvs": ["authority", "0xEA"], "crc32c": true },
            "upstreams": [
              { "name": "a", "address": "192.0.2.10:25" },
              { "name": "b", "address": "unix:/run/b.sock", "mode": "raw" },
              { "name": "c", "address": "c.example:27", "mode": "proxy-v2" }
            ] }] }
        """;

    [Fact]
    public void Activate_FullService_EveryKeyReachesTheEngine()
    {
        ActiveService service = Assert.Single(new ServiceComposer(Given.Configuration(Full)).Services);
        ServiceDefinition definition = service.State.Definition;

        Assert.Equal("full", definition.Name);
        Assert.Equal(TimeSpan.FromSeconds(2), definition.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(8), definition.TotalConnectTimeout);
        Assert.Equal(AllFailedAction.Close, definition.OnAllFailed);
        Assert.True(definition.AbortOnClose);
        Assert.Equal(TimeSpan.FromMinutes(3), definition.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(7), definition.HalfCloseTimeout);
        Assert.Equal(new KeepAliveOptions(20, 5, 3, 11_000), definition.KeepAlive);
        Assert.Equal(["192.0.2.7:0", "[2001:db8::7]:0"], definition.SourceAddresses.Select(a => a.ToString()));
        Assert.Equal(9, definition.SessionsMax);
        AcceptProxyDefinition accept = definition.AcceptProxy!;
        Assert.True(accept.From.Contains(InetEndPoint.FromIPv4(0x0A000001, 1)));
        Assert.False(accept.From.Contains(InetEndPoint.FromIPv4(0x0B000001, 1)));
        Assert.Equal(TimeSpan.FromSeconds(4), accept.Timeout);
        Assert.True(accept.ServeOthers);
        Assert.Equal([0x02, 0xEA], accept.PassTlvs);
        Assert.True(accept.AddCrc32C);
    }

    [Fact]
    public void Activate_UpstreamsOfEachKind_KeepOrderModeAndAddress()
    {
        ServiceDefinition definition = new ServiceComposer(Given.Configuration(Full)).Services[0].State.Definition;

        Assert.Equal(["a ProxyV1 192.0.2.10:25", "b Raw unix:/run/b.sock", "c ProxyV2 "],
            definition.Upstreams.Select(u => $"{u.Name} {u.Mode} {string.Join(' ', u.Addresses)}"));
    }

    [Fact]
    public void Activate_Minimal_HasTheDefaultsThatAreDocumented()
    {
        ServiceDefinition definition = new ServiceComposer(Given.Upstreams("192.0.2.1:1")).Services[0].State.Definition;

        Assert.Equal(TimeSpan.FromSeconds(5), definition.ConnectTimeout);
        Assert.Null(definition.TotalConnectTimeout);
        Assert.Equal(AllFailedAction.Reset, definition.OnAllFailed);
        Assert.Null(definition.AcceptProxy);
        Assert.Equal(TimeSpan.FromMinutes(10), definition.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), definition.HalfCloseTimeout);
        Assert.Equal(HeaderMode.ProxyV2, definition.Upstreams[0].Mode);
        Assert.Equal(0, definition.SessionsMax);
    }

    [Fact]
    public void ToListenPlan_EachKindOfListener_KeepsItsAddress()
    {
        ServiceComposer composer = new(Given.Configuration(Full));
        ListenPlan service = Assert.Single(composer.Plan(Given.Configuration(Full))).ToListenPlan();

        Assert.Equal(["192.0.2.1:25", "[::]:26", "unix:/run/x.sock"], service.Listen.Select(l => l.Text));
        Assert.Equal("/run/x.sock", service.Listen[2].UnixPath);
    }

    [Fact]
    public void Activate_DnsName_TakesThePortOfTheUpstream()
    {
        ServiceComposer composer = new(Given.Upstreams("c.example:27"));

        composer.SetAddresses("c.example", [IPAddress.Parse("2001:db8::9")]);

        Assert.Equal("[2001:db8::9]:27", Assert.Single(composer.Services[0].State.Definition.Upstreams[0].Addresses).Text);
    }
}
