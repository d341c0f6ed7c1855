using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of <c>keepAlive</c>, with the bounds of tcp(7) and <c>include/net/tcp.h</c>. Immutable, any thread.</summary>
internal static class KeepAliveKeys
{
    private const int ProbesMax = 127;
    private static readonly KeepAliveOptions Defaults = KeepAliveOptions.Default;
    private static readonly DurationKind Seconds = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(32767), wholeSeconds: true);

    private static readonly Key<int> Count = Key<int>.WithDefault("count", new IntegerKind(1, ProbesMax), Defaults.Count,
        "How many unanswered probes end a connection (TCP_KEEPCNT).", "6");

    private static readonly Key<TimeSpan> Idle = Key<TimeSpan>.WithDefault("idle", Seconds, TimeSpan.FromSeconds(Defaults.IdleSeconds),
        "The silence after which the first probe is sent (TCP_KEEPIDLE); short enough that address translators keep the connection.",
        "\"60s\"");

    private static readonly Key<TimeSpan> Interval = Key<TimeSpan>.WithDefault("interval", Seconds,
        TimeSpan.FromSeconds(Defaults.IntervalSeconds),
        "The time between probes (TCP_KEEPINTVL).", "\"10s\"");

    public static ObjectKind<KeepAliveOptions> Kind { get; } = new([Idle, Interval, Count], reader => Defaults with
    {
        IdleSeconds = (int)reader.Get(Idle).TotalSeconds,
        IntervalSeconds = (int)reader.Get(Interval).TotalSeconds,
        Count = reader.Get(Count),
    });
}
