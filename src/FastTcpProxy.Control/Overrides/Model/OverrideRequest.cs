namespace FastTcpProxy.Control.Overrides.Model;

/// <summary>Who wants an override, why, and for how long. Immutable.</summary>
/// <param name="Reason">For people; empty when none is given.</param>
/// <param name="Author">Who.</param>
/// <param name="For">How long it holds; null: until somebody ends it.</param>
public sealed record OverrideRequest(string Reason, string Author, TimeSpan? For);
