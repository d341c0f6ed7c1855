using FastTcpProxy.Control.Health;

namespace FastTcpProxy.Control.Status;

/// <summary>An upstream at one moment. Immutable.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Address">As configured.</param>
/// <param name="Health">What checks say.</param>
/// <param name="IsServing">Whether new clients can get to it now; so too when it is down and <c>allDown</c> says to try.</param>
public sealed record UpstreamStatus(string Name, string Address, UpstreamHealth Health, bool IsServing);
