using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>A <c>healthCheck</c> as it was read, for no upstream in particular. Immutable.</summary>
/// <param name="Type">The protocol that it uses, if any.</param>
/// <param name="Url">The template of the URL, or null.</param>
/// <param name="Address">The template of the address, or null.</param>
/// <param name="ProxyHeader">The PROXY header that it names, or null.</param>
/// <param name="Check">All else, with templates in the values of headers.</param>
/// <param name="Node">The place of the keys.</param>
internal sealed record HealthCheckDraft(
    CheckType Type, string? Url, string? Address, CheckProxyHeader? ProxyHeader, HealthCheckConfiguration Check,
    ConfigurationNode Node);
