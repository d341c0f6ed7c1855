using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Overrides.Rules;

/// <summary>The rules for a change of an override, and the messages for a wrong one. Pure, any thread.</summary>
internal static class OverrideRules
{
    /// <summary>Names that an error lists; of more, the first ones show what names look like.</summary>
    private const int ListedMax = 10;

    /// <summary>What is wrong with what is wanted; null: nothing.</summary>
    /// <param name="time">How long it is to hold; null: until an operator ends it.</param>
    /// <param name="service">The one that it is for.</param>
    public static string? Check(Override wanted, TimeSpan? time, ServiceConfiguration service) =>
        (wanted is OrderOverride order ? CheckNames(order.Names, service) : null) ?? CheckTexts(wanted) ?? CheckTime(time);

    /// <summary>The same of its texts alone.</summary>
    public static string? CheckTexts(Override set)
    {
        if (set.Reason.Length > OverrideLimits.ReasonCharsMax)
            return $"the reason has {Counted.Of(set.Reason.Length, "character")}, expected at most {OverrideLimits.ReasonCharsMax}";
        if (set.Author.Length > OverrideLimits.AuthorCharsMax)
            return $"the author has {Counted.Of(set.Author.Length, "character")}, expected at most {OverrideLimits.AuthorCharsMax}";
        // They end up in logs and on terminals.
        if (set.Reason.Any(char.IsControl))
            return $"the reason {Wording.Quote(set.Reason)} contains a control character, expected plain text on one line";
        return set.Author.Any(char.IsControl)
            ? $"the author {Wording.Quote(set.Author)} contains a control character, expected a name"
            : null;
    }

    /// <summary>Says that there is no such service or upstream; null: there is.</summary>
    /// <param name="service">Null: there is none.</param>
    public static OverrideOutcome? CheckKey(OverrideKey key, ServiceConfiguration? service, IEnumerable<string> services)
    {
        string? wrong = service is null
            ? $"there is no service {Wording.Quote(key.Service)}, expected one of {List(services)}"
            : key.Upstream is { } upstream ? CheckName(upstream, service) : null;
        return wrong is null ? null : new OverrideOutcome(OverrideError.NotFound, wrong, null);
    }

    private static string? CheckTime(TimeSpan? time) => time is { } t && (t < OverrideLimits.ForMin || t > OverrideLimits.ForMax)
        ? $"the time is {ValueText.WriteDuration(t)}, expected {ValueText.WriteDuration(OverrideLimits.ForMin)} "
        + $"to {ValueText.WriteDuration(OverrideLimits.ForMax)}"
        : null;

    private static string? CheckNames(ImmutableArray<string> names, ServiceConfiguration service)
    {
        if (names.IsDefaultOrEmpty) return "the order names no upstream, expected at least one";
        if (names.Select(n => CheckName(n, service)).FirstOrDefault(wrong => wrong is not null) is { } unknown) return unknown;
        return names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1)?.Key is { } twice
            ? $"the order names {Wording.Quote(twice)} twice, expected each upstream once"
            : null;
    }

    private static string? CheckName(string upstream, ServiceConfiguration service) => service.Upstreams.Any(u => u.Name == upstream)
        ? null
        : $"service {Wording.Quote(service.Name)} has no upstream {Wording.Quote(upstream)}, "
        + $"expected one of {List(service.Upstreams.Select(u => u.Name))}";

    private static string List(IEnumerable<string> names) =>
        string.Join(", ", [.. names.Take(ListedMax).Select(Wording.Quote), .. names.Skip(ListedMax).Take(1).Select(_ => "...")]);
}
