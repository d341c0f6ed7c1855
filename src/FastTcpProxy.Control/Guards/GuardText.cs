using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Control.Guards;

/// <summary>What the guards say of a client, for people. Pure, any thread.</summary>
public static class GuardText
{
    /// <summary>Why the client is refused, as the end of a sentence; null: the guards do not refuse it.</summary>
    public static string? Refusal(GuardView guards, AdmissionVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(guards);
        GuardPolicy policy = guards.Policy;
        SourceState source = guards.Source ?? default;
        return verdict switch
        {
            AdmissionVerdict.Denied => $"it is denied by {EntryOf(guards.Decisive!)}",
            AdmissionVerdict.NotAllowed => "no entry allows it, and guards.default is \"drop\"",
            AdmissionVerdict.SourceSessions => $"its source {guards.Key} has {Counted.Of(source.Sessions, "session")}, "
                + $"and perSource.sessions is {policy.PerSource.SessionsMax}",
            AdmissionVerdict.SourceRate => $"its source {guards.Key} connects faster than perSource.connections; "
                + $"there is room again in {Wait(source.RoomAtUs, guards)}",
            AdmissionVerdict.Banned => $"its source {guards.Key} was refused too often, "
                + $"and is banned for another {Wait(source.BannedUntilUs, guards)}",
            AdmissionVerdict.TotalRate => "all clients together connect faster than total.connections",
            AdmissionVerdict.PendingConnects => $"{Counted.Of(guards.PendingConnects, "session")} wait for an upstream, "
                + $"and total.pendingConnects is {policy.Total.PendingConnectsMax}",
            _ => null,
        };
    }

    /// <summary>What the entries say, and what is left to the source, one sentence without an end.</summary>
    public static string Describe(GuardView guards)
    {
        ArgumentNullException.ThrowIfNull(guards);
        string entries = guards.Listed switch
        {
            NetworkVerdict.Allowed => $"allowed by {EntryOf(guards.Decisive!)}: no other entry and no limit of its source holds",
            NetworkVerdict.Denied => $"denied by {EntryOf(guards.Decisive!)}",
            _ => guards.Policy.ServesUnlisted ? "neither allowed nor denied" : "not allowed, and guards.default is \"drop\"",
        };
        return guards.Listed != NetworkVerdict.Allowed && guards.Source is { } source ? $"{entries}; {SourceOf(source, guards)}" : entries;
    }

    private static string SourceOf(SourceState source, GuardView guards)
    {
        SourceLimits limits = guards.Policy.PerSource;
        List<string> parts = [];
        if (limits.SessionsMax > 0) parts.Add($"{source.Sessions} of {Counted.Of(limits.SessionsMax, "session")}");
        if (limits.Connections.IsLimited)
            parts.Add(source.TokensLeft > 0
                ? $"{Counted.Of(source.TokensLeft, "connection")} of {limits.Connections.Burst} at once are left"
                : $"no connection is left for {Wait(source.RoomAtUs, guards)}");
        if (source.BannedUntilUs > 0) parts.Add($"banned for another {Wait(source.BannedUntilUs, guards)}");
        else if (source.Refusals > 0) parts.Add($"refused {Counted.Of(source.Refusals, "time")} of late");
        return parts.Count == 0 ? $"source {guards.Key} is not limited" : $"source {guards.Key}: {string.Join(", ", parts)}";
    }

    private static string EntryOf(GuardEntry entry) => $"{entry.Entry.Network} of {entry.Origin ?? "the entries made at run time"}";

    private static string Wait(long untilUs, GuardView guards)
    {
        TimeSpan wait = TimeSpan.FromMicroseconds(Math.Max(untilUs - guards.NowUs, 0));
        return ValueText.WriteDuration(wait < TimeSpan.FromSeconds(10)
            ? TimeSpan.FromMilliseconds(Math.Max(Math.Ceiling(wait.TotalMilliseconds), 1))
            : TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)));
    }
}
