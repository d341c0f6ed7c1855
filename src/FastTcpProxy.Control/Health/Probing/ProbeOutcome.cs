namespace FastTcpProxy.Control.Health.Probing;

/// <summary>What came out of a step of a probe.</summary>
/// <param name="Failure">Null: it was good.</param>
/// <param name="Text">Not yet escaped or cut.</param>
internal readonly record struct ProbeOutcome(ProbeFailure? Failure, string Text);
