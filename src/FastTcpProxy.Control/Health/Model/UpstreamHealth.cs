using System.Collections.Immutable;

namespace FastTcpProxy.Control.Health.Model;

/// <summary>
/// What is known of one upstream's health at one moment. Immutable, published whole: the running upstream holds the one that is in force,
/// and no other code keeps another.
/// </summary>
public sealed record UpstreamHealth
{
    /// <summary>Transitions within <see cref="FlapWindow"/> from which on an upstream flaps; it stops when there are fewer.</summary>
    public const int FlapTransitions = 4;

    /// <summary>How many intervals count for flapping.</summary>
    public const int FlapWindow = 20;

    /// <summary>That of an upstream without a check.</summary>
    public static UpstreamHealth Unchecked { get; } = new() { State = HealthState.Unchecked, IsServing = true };

    /// <summary>That of an upstream before its first check.</summary>
    /// <param name="serving">Whether an upstream that has not been checked gets clients.</param>
    /// <param name="now">Since when it is there; the first check is due.</param>
    public static UpstreamHealth Begin(bool serving, DateTimeOffset now) =>
        new() { State = HealthState.Initial, IsServing = serving, Since = now, NextCheck = now };

    public required HealthState State { get; init; }

    /// <summary>Whether clients get it as far as health is concerned.</summary>
    public required bool IsServing { get; init; }

    /// <summary>Since when it is in this state; null when it is not checked.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The last check with a result: good or bad.</summary>
    public CheckResult? Last { get; init; }

    /// <summary>The last check when it could not be made; null when it had a result.</summary>
    public CheckResult? Unknown { get; init; }

    /// <summary>The last check, with or without a result.</summary>
    public CheckResult? Latest => Unknown ?? Last;

    /// <summary>When the next check starts; in the past while one is under way. Null when it is not checked.</summary>
    public DateTimeOffset? NextCheck { get; init; }

    /// <summary>Checks that have ended, good, bad and unknown.</summary>
    public long Checks { get; init; }

    /// <summary>What the last probes say about the PROXY header.</summary>
    public HeaderSigns Signs { get; init; }

    /// <summary>How often it went from up to down or back.</summary>
    public long Transitions { get; init; }

    /// <summary>The last of them, at most <see cref="FlapTransitions"/>, oldest first, as far as they count for flapping.</summary>
    public ImmutableArray<DateTimeOffset> RecentTransitions { get; init; } = [];

    /// <summary>Whether it changes so often that neither state says much.</summary>
    public bool IsFlapping => RecentTransitions.Length >= FlapTransitions;

    public bool IsChecked => State != HealthState.Unchecked;
}

/// <summary>What checks have found out about an upstream.</summary>
public enum HealthState : byte
{
    /// <summary>No check is configured.</summary>
    Unchecked,

    /// <summary>A check is configured, and none has had a result yet.</summary>
    Initial,

    Up,

    Down,
}
