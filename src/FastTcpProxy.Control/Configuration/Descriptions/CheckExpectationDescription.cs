using System.Collections.Immutable;

namespace FastTcpProxy.Control.Configuration;

/// <summary>The keys of <c>expect</c>. Immutable, any thread.</summary>
internal static class CheckExpectationDescription
{
    public static Key<ImmutableArray<StatusRange>> FailStatus { get; } = Key<ImmutableArray<StatusRange>>.WithDefault("failStatus",
        new ListKind<StatusRange>(new StatusRangeKind(), 0, ConfigurationLimits.FailStatusMax, unique: true), [new StatusRange(500, 599)],
        "The status codes that make a probe bad: codes, classes and ranges. With an empty list any answer is a good one.",
        """["5xx", "404", "410-499"]""");

    public static Key<ContentPattern?> Body { get; } = Key<ContentPattern?>.WithComputedDefault("body",
        new ContentPatternKind(), () => null,
        "What the body of the response, or the answer to a TCP check, must hold: a text, a regular expression between slashes, or bytes as "
            + "hex:0d0a. By default it is not looked at.",
        "\"/^status: *ok/i\"");

    public static ObjectKind<CheckExpectation> Kind { get; } = new([FailStatus, Body], reader => new CheckExpectation
    {
        FailStatus = reader.Get(FailStatus),
        Body = reader.Get(Body),
    });
}
