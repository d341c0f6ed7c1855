using System.Collections.Immutable;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Health.Rules;

/// <summary>Converts an upstream's health to a verdict that another process can continue with, and back. Pure functions.</summary>
internal static class VerdictRule
{
    /// <summary>What is known, without the probes that did not decide.</summary>
    /// <param name="health">After at least one check.</param>
    public static HealthVerdict From(string service, string upstream, string address, string check, UpstreamHealth health)
    {
        CheckResult last = health.Last!;
        return new HealthVerdict(service, upstream, address, check, health.State == HealthState.Up, health.Since ?? last.At, last.At,
            last.Decisive.Failure?.ToString(), last.Decisive.Text, last.Decisive.Duration.TotalMilliseconds,
            last.Duration.TotalMilliseconds, health.Checks, health.Transitions)
        {
            Recent = health.RecentTransitions,
        };
    }

    /// <summary>What it was, as far as it can be: it comes from another process, perhaps of another version.</summary>
    /// <param name="verdict">Anything.</param>
    /// <param name="now">Nothing has happened later.</param>
    public static UpstreamHealth ToHealth(HealthVerdict verdict, DateTimeOffset now)
    {
        ProbeFailure? failure = verdict.IsUp ? null : Enum.TryParse(verdict.Failure, out ProbeFailure known) && Enum.IsDefined(known)
            ? known : ProbeFailure.Fault;
        ProbeResult decisive = new(failure, OneLine.Escape(verdict.Text, ProbeResult.TextMax), Span(verdict.ProbeMs));
        ImmutableArray<DateTimeOffset> recent = verdict.Recent.IsDefault
            ? []
            : [.. verdict.Recent.Where(at => at <= now).Order().TakeLast(UpstreamHealth.FlapTransitions)];
        return new UpstreamHealth
        {
            State = verdict.IsUp ? HealthState.Up : HealthState.Down,
            IsServing = verdict.IsUp,
            Since = Past(verdict.Since, now),
            Last = new CheckResult(verdict.IsUp, [decisive], Past(verdict.At, now), Span(verdict.CheckMs)),
            NextCheck = now,
            Checks = Math.Max(1, verdict.Checks),
            Transitions = Math.Max(0, verdict.Transitions),
            RecentTransitions = recent,
        };
    }

    private static DateTimeOffset Past(DateTimeOffset at, DateTimeOffset now) => at <= now ? at : now;

    /// <summary>A day is more than any check takes.</summary>
    private static TimeSpan Span(double milliseconds) =>
        TimeSpan.FromMilliseconds(double.IsFinite(milliseconds) ? Math.Clamp(milliseconds, 0, 86_400_000) : 0);
}
