using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Tests.Activation;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>Makes configurations whose upstreams are checked. Pure.</summary>
internal static class Checked
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>A check with the defaults of the file.</summary>
    public static HealthCheckConfiguration Check { get; } = new()
    {
        Type = CheckType.Http,
        Url = new Uri("http://192.0.2.1:8080/health"),
        Method = "GET",
        Headers = [],
        Content = [],
        Timeout = TimeSpan.FromSeconds(5),
        Interval = Interval,
        Probes = new ProbeRule(1, 1, TimeSpan.Zero),
        Expect = new CheckExpectation { FailStatus = [new StatusRange(500, 599)] },
        Tls = new CheckTls(),
        ProxyHeader = CheckProxyHeader.None,
        InitiallyServing = true,
        ResetOnDown = false,
    };

    /// <summary>As if a check had ended.</summary>
    public static void SetHealthy(this ServiceComposer composer, ActiveUpstream upstream, bool healthy) =>
        Assert.True(composer.TrySetHealth(
        upstream, upstream.Health, upstream.Health with { State = healthy ? HealthState.Up : HealthState.Down, IsServing = healthy }));

    /// <summary>One service with upstreams of these names.</summary>
    public static ProxyConfiguration Services(AllDownSetting allDown, params string[] names) => Services(allDown, c => c, names);

    /// <summary>The same with another check.</summary>
    public static ProxyConfiguration Services(AllDownSetting allDown, Func<HealthCheckConfiguration, HealthCheckConfiguration> change,
        params string[] names)
    {
        ProxyConfiguration plain = Given.Upstreams("192.0.2.1:25");
        ServiceConfiguration service = plain.Services[0];
        return plain with
        {
            Services =
            [
                service with
                {
                    AllDown = allDown,
                    Upstreams = [.. names.Select(name => service.Upstreams[0] with { Name = name, HealthCheck = change(Check) })],
                },
            ],
        };
    }
}
