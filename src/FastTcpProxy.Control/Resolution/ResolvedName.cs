using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Activation;

namespace FastTcpProxy.Control.Resolution;

/// <summary>One DNS name, who uses it, and what is known of it. Written by the one task that refreshes it.</summary>
internal sealed class ResolvedName(string name, TimeSpan refresh, ImmutableArray<ActiveService> users)
{
    private ImmutableArray<IPAddress> _addresses = [];

    public string Name { get; } = name;

    /// <summary>The shortest <c>dnsRefresh</c> of those who use it.</summary>
    public TimeSpan Refresh { get; } = refresh;

    public ImmutableArray<ActiveService> Users { get; } = users;

    /// <summary>The last good addresses, in the resolver's order.</summary>
    public ImmutableArray<IPAddress> Addresses => _addresses;

    /// <summary>Null until the first answer.</summary>
    public bool? IsGood { get; set; }

    /// <summary>Readers of other names' tasks see the old array or the new one: the publish lock orders them.</summary>
    public void Set(ImmutableArray<IPAddress> addresses) => _addresses = addresses;
}
