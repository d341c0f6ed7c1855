using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>The keys of <c>probes</c>. Immutable, any thread.</summary>
internal static class ProbeRuleKeys
{
    private static readonly IntegerKind Count = new(1, ConfigurationLimits.ProbesMax);

    private static readonly Key<int> Successes = Key<int>.WithDefault("successes", Count, 1,
        "How many good probes make a check good.", "2");

    private static readonly Key<int> Failures = Key<int>.WithDefault("failures", Count, 1,
        "How many bad probes make a check bad.", "3");

    private static readonly Key<TimeSpan> Delay = Key<TimeSpan>.WithDefault("delay",
        new DurationKind(TimeSpan.Zero, ConfigurationLimits.WaitMax), TimeSpan.Zero,
        "The time from the end of one probe to the start of the next probe of the same check. 0s is at once.", "\"1s\"");

    public static ObjectKind<ProbeRule> Kind { get; } = new([Successes, Failures, Delay],
        reader => new ProbeRule(reader.Get(Successes), reader.Get(Failures), reader.Get(Delay)));
}
