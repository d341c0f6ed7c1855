namespace FastTcpProxy.Control.Operators;

/// <summary>What became of a change. Immutable.</summary>
/// <param name="Error">Why nothing was changed; <see cref="OverrideError.None"/> when it was.</param>
/// <param name="Detail">What is wrong and what was expected, for people; empty without an error.</param>
/// <param name="Tag">The entity tag of what holds now, opaque, without quotes; empty where there is no such upstream or service.</param>
public sealed record OverrideOutcome(OverrideError Error, string Detail, string Tag);
