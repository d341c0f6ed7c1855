using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>One of the last connects to an upstream. Immutable.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="At">When it ended, to a tick of the loop (20 ms).</param>
/// <param name="TookMs">How long it took, at most <see cref="UpstreamActivity.TookMsMax"/>.</param>
public readonly record struct AttemptView(AttemptOutcome Outcome, DateTimeOffset At, int TookMs);
