using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health;

namespace FastTcpProxy.Control.Status;

/// <summary>An upstream at one moment: what is configured, set by operators and found by checks, each apart, and what follows. Immutable.</summary>
/// <param name="Place">The configuration, the override, and whether and why new clients get to it.</param>
/// <param name="Number">Its place in the configured list, from 1.</param>
/// <param name="Health">What checks say.</param>
/// <param name="Why">Why it serves or does not, for people; never empty.</param>
/// <param name="Sessions">Sessions that are joined to it.</param>
public sealed record UpstreamStatus(Place Place, int Number, UpstreamHealth Health, string Why, int Sessions);
