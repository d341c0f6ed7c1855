namespace FastTcpProxy.Engine.Observability;

/// <summary>A defect that a loop has contained. Immutable.</summary>
/// <param name="Fault">What was thrown.</param>
/// <param name="Stamp">When, on the clock that all loops share; it tells the newest defect of all loops.</param>
public sealed record LoopFault(Exception Fault, long Stamp);
