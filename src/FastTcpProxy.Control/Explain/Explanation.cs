using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Explain;

/// <summary>What would happen to a client, and why. Immutable.</summary>
/// <param name="Listeners">Of the service, as configured.</param>
/// <param name="Header">What is expected of the client first.</param>
/// <param name="HeaderWhy">Why, for people; never empty.</param>
/// <param name="Outcome">What follows from all of it, one sentence for people.</param>
public sealed record Explanation(ImmutableArray<ListenerReach> Listeners, HeaderVerdict Header, string HeaderWhy, string Outcome);

/// <summary>A listener, as a client finds it. Immutable.</summary>
/// <param name="Address">As configured.</param>
/// <param name="IsReachable">Whether a client of this address can connect to it, as far as address families say.</param>
/// <param name="Why">For people; never empty.</param>
public sealed record ListenerReach(ConfiguredListenAddress Address, bool IsReachable, string Why);

/// <summary>What <c>acceptProxy</c> says of a client.</summary>
public enum HeaderVerdict : byte
{
    /// <summary>The service knows no header: what comes is payload.</summary>
    None,

    /// <summary>It is a balancer: it must begin with a header.</summary>
    Header,

    /// <summary>It is no balancer, and served without a header.</summary>
    Plain,

    /// <summary>It is no balancer, and refused.</summary>
    Refused,
}
