using System.Net;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>
/// The PROXY header of a check: the one that it names, else that of the upstream's mode where both connect to the same address and port.
/// Warns where the two contradict each other. One thread; lives while its service is read.
/// </summary>
/// <param name="service">The service's name.</param>
internal sealed class CheckHeaderRules(string service, BindingContext context)
{
    /// <summary>A key of the service's check concerns all its upstreams, and is one mistake.</summary>
    private readonly HashSet<ConfigurationNode> _warned = new(ReferenceEqualityComparer.Instance);

    /// <param name="draft">What the file says.</param>
    /// <param name="check">With its address filled in.</param>
    /// <param name="upstream">With the mode in force.</param>
    public CheckProxyHeader Resolve(HealthCheckDraft draft, HealthCheckConfiguration check, UpstreamConfiguration upstream)
    {
        CheckProxyHeader ofMode = OfMode(upstream.Mode);
        bool asks = AsksItsOwnAddress(check, upstream.Address);
        if (draft.ProxyHeader is not { } named)
            return asks ? ofMode : CheckProxyHeader.None;
        // Servers that read a header read both versions: a check may send another one than the clients' connections do.
        if (asks && (named == CheckProxyHeader.None) != (ofMode == CheckProxyHeader.None))
            Warn(draft.Node.Find(HealthCheckKeys.ProxyHeader.Name)!, named, upstream);
        return named;
    }

    private static CheckProxyHeader OfMode(HeaderMode mode) => mode switch
    {
        HeaderMode.ProxyV2 => CheckProxyHeader.V2,
        HeaderMode.ProxyV1 => CheckProxyHeader.V1,
        _ => CheckProxyHeader.None,
    };

    private static bool AsksItsOwnAddress(HealthCheckConfiguration check, ConfiguredUpstreamAddress address)
    {
        if (check.Url is not { } url)
            return check.Address is null || check.Address.Identity == address.Identity;
        string asked = IPAddress.TryParse(url.DnsSafeHost, out IPAddress? ip)
            ? ConfiguredUpstreamAddress.IdentityOf(new IPEndPoint(ip, url.Port))
            : ConfiguredUpstreamAddress.IdentityOf(url.IdnHost, url.Port);
        return asked == address.Identity;
    }

    private void Warn(ConfigurationNode node, CheckProxyHeader named, UpstreamConfiguration upstream)
    {
        if (!_warned.Add(node))
            return;
        (string follows, string other) = named == CheckProxyHeader.None
            ? ("the check can find it down while it serves clients", "\"mode\": \"raw\"")
            : ("the check can find it up while clients fail", "\"mode\": \"proxy-v2\" or \"proxy-v1\"");
        context.Problems.Warning(node.At, ConfigurationCodes.CheckHeaderAgainstMode,
            $"{node.Path} is {node.Describe()}, but service {Wording.Quote(service)} connects to upstream {Wording.Quote(upstream.Name)} "
            + $"at the same address and port with mode \"{ModeKind.Word(upstream.Mode)}\", so {follows}, "
            + $"expected no \"{HealthCheckKeys.ProxyHeader.Name}\" here (it then follows the mode), or {other}");
    }
}
