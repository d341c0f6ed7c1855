using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Daemon.Cli.Doctor;

/// <summary>What came of trying an upstream. Immutable.</summary>
/// <param name="Key">Its place in the configuration.</param>
internal sealed record UpstreamTrial(ServiceConfiguration Service, UpstreamConfiguration Upstream, string Key)
{
    /// <summary>A connect, with what goes first there; null: not tried in time.</summary>
    public ProbeResult? Connect { get; init; }

    /// <summary>What the server did behind the last header that was sent; null: none was.</summary>
    public ProbeResult? Header { get; init; }

    /// <summary>That header.</summary>
    public CheckProxyHeader Sent { get; init; }

    /// <summary>A probe of its check; null: it has none, or there was no time.</summary>
    public ProbeResult? Check { get; init; }

    /// <summary>"mail/primary (192.0.2.10:25)".</summary>
    public string Name => $"{Service.Name}/{Upstream.Name} ({Upstream.Address})";

    /// <summary>
    /// Whether a check of the configuration sends a header with addresses to the same server: then one more does nothing new there.
    /// </summary>
    public bool CheckNamesAClient => Upstream.HealthCheck is { ProxyHeader: CheckProxyHeader.V1 } check && AsksUpstream(check);

    /// <summary>Whether the check begins with a header at the upstream's own address, and so tells whether it is taken.</summary>
    public bool CheckSendsHeader => Upstream.HealthCheck is { } check && check.ProxyHeader != CheckProxyHeader.None && AsksUpstream(check);

    /// <summary>A header without a <c>url</c> of its own goes to the upstream.</summary>
    private bool AsksUpstream(HealthCheckConfiguration check) => check.Url is { } url
        ? url.Port == Upstream.Address.Port && (url.DnsSafeHost == Upstream.Address.EndPoint?.Address.ToString()
            || string.Equals(url.IdnHost, Upstream.Address.DnsName, StringComparison.OrdinalIgnoreCase))
        : check.Address is null || check.Address.Identity == Upstream.Address.Identity;
}
