using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>Which sessions are meant: they must match all that is given. Immutable.</summary>
/// <param name="Client">An address or a network.</param>
/// <param name="IsAll">Every session, explicitly.</param>
internal sealed record SessionChoice(string? Service = null, string? Upstream = null, string? Client = null, bool IsAll = false)
{
    /// <summary>How many sessions are listed where the request does not say: what fills a few screens.</summary>
    public const int ListedDefault = 100;

    /// <summary>The names in it.</summary>
    public (string? Service, ImmutableArray<string> Upstreams)? Names => (Service, Upstream is null ? [] : [Upstream]);

    /// <summary>For people: "of service mail on primary"; empty where every session is meant.</summary>
    public override string ToString() =>
        (Service is null ? "" : $" of service {Service}") + (Upstream is null ? "" : $" on {Upstream}")
        + (Client is null ? "" : $" from {Client}");
}
