using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>
/// The keys of <c>hedge</c>, <c>suspect</c>, <c>passive</c> and <c>failback</c>: how a service avoids the wait for an upstream that does
/// not answer. Immutable, any thread.
/// </summary>
internal static class FailoverKeys
{
    private static readonly DurationKind UpToAnHour = new(ConfigurationLimits.DurationMin, ConfigurationLimits.WaitMax);
    private static readonly IntegerKind AnyCount = new(1, Standing.CountMax);

    private static readonly Key<int> Percent = Key<int>.WithDefault("percent", new IntegerKind(0, 100), HedgePolicy.Default.Percent,
        "How many second attempts there may be for each hundred clients.", "5");

    private static readonly Key<int> PerSecond = Key<int>.WithDefault("perSecond", new IntegerKind(0, ConfigurationLimits.HedgesMax),
        HedgePolicy.Default.PerSecond, "How many more in each second.", "10");

    private static readonly Key<int> Burst = Key<int>.WithDefault("burst", new IntegerKind(1, ConfigurationLimits.HedgesMax),
        HedgePolicy.Default.Burst, "How many at once, after a time with none.", "100");

    private static readonly ObjectKind<HedgePolicy> BudgetKind = new([Percent, PerSecond, Burst], reader => HedgePolicy.Default with
    {
        Percent = reader.Get(Percent), PerSecond = reader.Get(PerSecond), Burst = reader.Get(Burst),
    });

    private static readonly Key<TimeSpan?> Delay = Key<TimeSpan?>.WithDefault("delay",
        new AutoDurationKind(ConfigurationLimits.DurationMin, ConfigurationLimits.WaitMax), HedgePolicy.Default.Delay,
        "How long an upstream is waited for alone. \"auto\" is twice what connects to its address usually take (the smoothed time and four "
        + "deviations), within delayMin and delayMax, and 250ms before the first.", "\"auto\"");

    private static readonly Key<TimeSpan> DelayMin = Key<TimeSpan>.WithDefault("delayMin", UpToAnHour, HedgePolicy.Default.DelayMin,
        "The shortest delay that \"auto\" gives.", "\"100ms\"");

    private static readonly Key<TimeSpan> DelayMax = Key<TimeSpan>.WithDefault("delayMax", UpToAnHour, HedgePolicy.Default.DelayMax,
        "The longest delay that \"auto\" gives.", "\"1s\"");

    private static readonly Key<HedgePolicy> Budget = Key<HedgePolicy>.WithDefault("budget", BudgetKind, HedgePolicy.Default,
        "How many second attempts there may be. Leaving an upstream that is suspect costs none of it.",
        """{ "percent": 5, "perSecond": 10, "burst": 100 }""");

    private static readonly Key<int> After = Key<int>.WithDefault("after", AnyCount, SuspectPolicy.Default.After,
        "How many clients in a row got no answer within the hedge delay. A refusal is an answer.", "5");

    private static readonly Key<TimeSpan> SuspectWindow = Key<TimeSpan>.WithDefault("window", UpToAnHour, SuspectPolicy.Default.Window,
        "Within what time.", "\"10s\"");

    private static readonly Key<TimeSpan> SuspectHold = Key<TimeSpan>.WithDefault("hold", UpToAnHour, SuspectPolicy.Default.Hold,
        "How long it is suspect before one client tries it again, and the next upstream at the same time.", "\"1s\"");

    private static readonly Key<TimeSpan> SuspectHoldMax = Key<TimeSpan>.WithDefault("holdMax", UpToAnHour, SuspectPolicy.Default.HoldMax,
        "The hold doubles each time that this client gets no answer, up to this.", "\"15s\"");

    private static readonly Key<int> Resets = Key<int>.WithDefault("resets", AnyCount, PassivePolicy.Default.Resets,
        "How many sessions in a row the upstream has ended before it sent a byte.", "5");

    private static readonly Key<TimeSpan> Within = Key<TimeSpan>.WithDefault("within", UpToAnHour, PassivePolicy.Default.Within,
        "How soon after it had accepted them.", "\"1s\"");

    private static readonly Key<TimeSpan> PassiveWindow = Key<TimeSpan>.WithDefault("window", UpToAnHour, PassivePolicy.Default.Window,
        "Within what time.", "\"30s\"");

    private static readonly Key<TimeSpan> PassiveHold = Key<TimeSpan>.WithDefault("hold", UpToAnHour, PassivePolicy.Default.Hold,
        "How long it is tried last.", "\"10s\"");

    private static readonly Key<TimeSpan> PassiveHoldMax = Key<TimeSpan>.WithDefault("holdMax", UpToAnHour, PassivePolicy.Default.HoldMax,
        "The hold doubles when it does so again soon after, up to this.", "\"5m\"");

    private static readonly Key<int> Keep = Key<int>.WithDefault("keep", new IntegerKind(1, ConfigurationLimits.UpstreamsMax),
        PassivePolicy.Default.Keep, "How many other upstreams must have their places in the list.", "1");

    private static readonly Key<TimeSpan> Ramp = Key<TimeSpan>.WithDefault("ramp", UpToAnHour, FailbackPolicy.Default.Ramp,
        "How long it takes until all new clients begin with it.", "\"30s\"");

    private static readonly Key<int> Start = Key<int>.WithDefault("start", new IntegerKind(1, 100), FailbackPolicy.Default.Start,
        "The percentage of new clients that begins with it in the first second.", "10");

    public static SwitchKind<HedgePolicy> Hedge { get; } = new(new([Delay, DelayMin, DelayMax, Budget],
        reader => reader.GetObject(Budget) with
        {
            Delay = reader.Get(Delay), DelayMin = reader.Get(DelayMin), DelayMax = reader.Get(DelayMax),
        }), HedgePolicy.Default);

    public static SwitchKind<SuspectPolicy> Suspect { get; } = new(new([After, SuspectWindow, SuspectHold, SuspectHoldMax],
        reader => new SuspectPolicy
        {
            After = reader.Get(After),
            Window = reader.Get(SuspectWindow),
            Hold = reader.Get(SuspectHold),
            HoldMax = reader.Get(SuspectHoldMax),
        }), SuspectPolicy.Default);

    public static SwitchKind<PassivePolicy> Passive { get; } = new(
        new([Resets, Within, PassiveWindow, PassiveHold, PassiveHoldMax, Keep], reader => new PassivePolicy
        {
            Resets = reader.Get(Resets),
            Within = reader.Get(Within),
            Window = reader.Get(PassiveWindow),
            Hold = reader.Get(PassiveHold),
            HoldMax = reader.Get(PassiveHoldMax),
            Keep = reader.Get(Keep),
        }), PassivePolicy.Default);

    public static SwitchKind<FailbackPolicy> Failback { get; } = new(new([Ramp, Start],
        reader => new FailbackPolicy { Ramp = reader.Get(Ramp), Start = reader.Get(Start) }), FailbackPolicy.Default);
}
