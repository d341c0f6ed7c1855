namespace FastTcpProxy.LoadTest.Thresholds;

/// <summary>What became of a threshold. Immutable.</summary>
/// <param name="Value">The figure; null: the run has none of this name, or its value is unknown.</param>
/// <param name="Expected">The bound, as a person writes it: "at most 5250".</param>
/// <param name="Text">The sentence to print.</param>
public sealed record Verdict(string Figure, double? Value, string Expected, bool IsOk, string Text);
