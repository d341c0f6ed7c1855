using System.Collections.Immutable;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health.Rules;

/// <summary>The effect of a check's result on the health of an upstream: good is up, bad is down, at once; unknown changes nothing. Pure
/// functions.</summary>
public static class HealthRule
{
    /// <summary>After a check.</summary>
    /// <param name="before">What was known.</param>
    /// <param name="result">What was found.</param>
    /// <param name="interval">That of the checks.</param>
    /// <param name="nextCheck">When the next one starts.</param>
    public static UpstreamHealth Next(UpstreamHealth before, CheckResult result, TimeSpan interval, DateTimeOffset nextCheck)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(result);
        if (result.IsUnknown) return before with { Unknown = result, NextCheck = nextCheck, Checks = before.Checks + 1 };
        HealthState state = result.IsGood ? HealthState.Up : HealthState.Down;
        // The first result is news, and no change of mind.
        bool changed = before.State != HealthState.Initial && state != before.State;
        ImmutableArray<DateTimeOffset> recent =
            [.. before.RecentTransitions.Where(at => at > result.At - UpstreamHealth.FlapWindow * interval)];
        if (changed) recent = [.. recent.TakeLast(UpstreamHealth.FlapTransitions - 1), result.At];
        return before with
        {
            State = state,
            IsServing = result.IsGood,
            Since = state == before.State ? before.Since : result.At,
            Last = result,
            Unknown = null,
            NextCheck = nextCheck,
            Checks = before.Checks + 1,
            Transitions = before.Transitions + (changed ? 1 : 0),
            RecentTransitions = recent,
            Signs = result.Probes.Aggregate(before.Signs, static (signs, probe) => signs.With(probe.Sign)),
        };
    }
}
