using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>The keys of <c>expect</c>. Immutable, any thread.</summary>
internal static class CheckExpectationKeys
{
    public static Key<ImmutableArray<StatusRange>> FailStatus { get; } = Key<ImmutableArray<StatusRange>>.WithDefault("failStatus",
        new ListKind<StatusRange>(new StatusRangeKind(), 0, ConfigurationLimits.FailStatusMax, unique: true), [new StatusRange(500, 599)],
        "The status codes that make a probe bad. With an empty list any answer is good.",
        """["5xx", "404", "410-499"]""");

    public static Key<ContentPattern?> Body { get; } = Key<ContentPattern?>.WithComputedDefault("body",
        new ContentPatternKind(), () => null,
        "What the body of the response, or the answer to a TCP check, must contain. Regular expressions run in linear time: "
        + "no lookarounds and no backreferences. "
            + "By default the body is not read.",
        "\"/^status: *ok/i\"");

    public static ObjectKind<CheckExpectation> Kind { get; } = new([FailStatus, Body], reader => new CheckExpectation
    {
        FailStatus = reader.Get(FailStatus),
        Body = reader.Get(Body),
    })
    {
        // A status that stands alone is one that is hoped for, and failStatus has those that are not.
        Lone = Body,
    };
}
