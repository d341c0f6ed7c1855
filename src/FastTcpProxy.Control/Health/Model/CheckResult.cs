using System.Collections.Immutable;

namespace FastTcpProxy.Control.Health.Model;

/// <summary>The result of one check. Immutable.</summary>
/// <param name="IsGood">Enough good probes before enough bad ones. Not for one that <see cref="IsUnknown"/>.</param>
/// <param name="Probes">All of it, in order; at least one.</param>
/// <param name="At">When it ended.</param>
/// <param name="Duration">From its start to its end, delays between probes included.</param>
public sealed record CheckResult(bool IsGood, ImmutableArray<ProbeResult> Probes, DateTimeOffset At, TimeSpan Duration)
{
    /// <summary>The probe that decided.</summary>
    public ProbeResult Decisive => Probes[^1];

    /// <summary>Whether it could not be made: it says nothing, and the state stays.</summary>
    public bool IsUnknown => Decisive.IsUnknown;
}
