using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Overrides.Rules;

/// <summary>What a change of an override must be, and how a wrong one is said. Pure, any thread.</summary>
internal static class OverrideRules
{
    /// <summary>What is wrong with the request; null: nothing.</summary>
    public static string? Check(OverrideRequest request)
    {
        if (request.Reason.Length > OverrideLimits.ReasonCharsMax)
            return $"the reason has {request.Reason.Length} characters, expected at most {OverrideLimits.ReasonCharsMax}";
        if (request.Author.Length > OverrideLimits.AuthorCharsMax)
            return $"the author has {request.Author.Length} characters, expected at most {OverrideLimits.AuthorCharsMax}";
        // They end up in logs and on terminals.
        if (request.Reason.Any(char.IsControl)) return $"the reason {Wording.Quote(request.Reason)} holds a control character, expected plain text on one line";
        if (request.Author.Any(char.IsControl)) return $"the author {Wording.Quote(request.Author)} holds a control character, expected a name";
        if (request.For is { } time && (time < OverrideLimits.ForMin || time > OverrideLimits.ForMax))
            return $"the time is {time.TotalSeconds:0.###} s, expected {OverrideLimits.ForMin.TotalSeconds:0} s to {OverrideLimits.ForMax.TotalDays:0} days";
        return null;
    }

    /// <summary>What is wrong with an order; null: nothing.</summary>
    public static (OverrideError Error, string Detail)? Check(ImmutableArray<string> names, ImmutableArray<string> configured, string service)
    {
        if (names.IsDefaultOrEmpty) return (OverrideError.OutOfRange, "the order names nobody, expected at least one upstream");
        if (names.FirstOrDefault(n => !configured.Contains(n)) is { } stranger)
            return (OverrideError.UnknownUpstream, NoUpstream(stranger, configured, service));
        if (names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1)?.Key is { } twice)
            return (OverrideError.DuplicateName, $"the order names {Wording.Quote(twice)} twice, expected each upstream once");
        return null;
    }

    /// <summary>Whether it is what the caller has looked at.</summary>
    public static OverrideOutcome? Check(string? expectedTag, string tag) => expectedTag is null || expectedTag == tag
        ? null
        : new OverrideOutcome(OverrideError.TagMismatch, "somebody has changed it since you looked: look again, and decide anew", tag);

    public static OverrideOutcome NoService(string service, IEnumerable<string> names) =>
        new(OverrideError.UnknownService, $"there is no service {Wording.Quote(service)}, expected one of {List(names)}", "");

    public static OverrideOutcome NoUpstream(ServiceConfiguration service, string upstream) =>
        new(OverrideError.UnknownUpstream, NoUpstream(upstream, [.. service.Upstreams.Select(u => u.Name)], service.Name), "");

    private static string NoUpstream(string name, ImmutableArray<string> configured, string service) =>
        $"service {Wording.Quote(service)} has no upstream {Wording.Quote(name)}, expected one of {List(configured)}";

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Select(Wording.Quote));
}
