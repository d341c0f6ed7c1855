using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>The keys that spare clients the wait for a silent upstream.</summary>
public sealed class FailoverKeysTests
{
    private const string Two = """[{ "name": "a", "address": "192.0.2.1:1" }, { "name": "b", "address": "192.0.2.2:1" }]""";

    [Theory]
    [InlineData("")]
    [InlineData("\"hedge\": false, \"suspect\": false, \"passive\": false, \"failback\": false")]
    public void Keys_AbsentOrFalse_AreOff(string keys)
    {
        ServiceSettings settings = Read(keys);
        Assert.All<object?>([settings.Hedge, settings.Suspect, settings.Passive, settings.Failback], Assert.Null);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("{}")]
    public void Keys_OnWithNothingElse_HaveTheDefaults(string on)
    {
        ServiceSettings settings = Read($"\"hedge\": {on}, \"suspect\": {on}, \"passive\": {on}, \"failback\": {on}");
        Assert.Equal<object?>([HedgePolicy.Default, SuspectPolicy.Default, PassivePolicy.Default, FailbackPolicy.Default],
            [settings.Hedge, settings.Suspect, settings.Passive, settings.Failback]);
    }

    /// <summary>What is sent at once can be followed by no retry.</summary>
    [Theory]
    [InlineData("\"mode\": \"raw\"", false)]
    [InlineData("\"mode\": \"proxy-v1\"", true)]
    [InlineData("\"mode\": \"proxy-v2\"", true)]
    public void RetryOnReset_BehindAHeader_IsAWarning(string mode, bool warns)
    {
        var result = Given.Parse(Given.Service($"{mode}, \"retryOnReset\": \"beforeClientBytes\"", upstreams: Two));
        Assert.Equal(ResetRetry.BeforeClientBytes, Assert.Single(result.Configuration!.Services).Settings.RetryOnReset);
        Assert.Equal(warns ? [("C170", "retryOnReset has no effect, because every upstream is sent a PROXY header as soon as it has "
            + "accepted, expected an upstream with \"mode\": \"raw\"")] : [], result.Warnings.Select(w => (w.Code, w.Message)));
    }

    [Fact]
    public void Keys_EachGiven_IsTheValueOfItsOwn()
    {
        ServiceSettings settings = Read("""
            "hedge": { "delay": "auto", "delayMin": "2ms", "delayMax": "3ms", "budget": { "percent": 4, "perSecond": 5, "burst": 6 } },
            "suspect": { "after": 7, "window": "8s", "hold": "9s", "holdMax": "10s" },
            "passive": { "resets": 11, "within": "12s", "window": "13s", "hold": "14s", "holdMax": "15s", "keep": 16 },
            "failback": { "ramp": "17s", "start": 18 }
            """);
        Assert.Equal(new HedgePolicy
        {
            DelayMin = Ms(2), DelayMax = Ms(3), Percent = 4, PerSecond = 5, Burst = 6,
        }, settings.Hedge);
        Assert.Equal(new SuspectPolicy { After = 7, Window = Ms(8_000), Hold = Ms(9_000), HoldMax = Ms(10_000) }, settings.Suspect);
        Assert.Equal(new PassivePolicy
        {
            Resets = 11, Within = Ms(12_000), Window = Ms(13_000), Hold = Ms(14_000), HoldMax = Ms(15_000), Keep = 16,
        }, settings.Passive);
        Assert.Equal(new FailbackPolicy { Ramp = Ms(17_000), Start = 18 }, settings.Failback);
        Assert.Equal(Ms(250), Read("\"hedge\": { \"delay\": \"250ms\" }").Hedge!.Delay);
    }

    [Theory]
    [InlineData("\"hedge\": { \"delayMax\": \"5s\" }",
        "C070: hedge.delayMax (5s) is not shorter than connectTimeout (5s), after which the next upstream "
        + "is tried anyway, expected less")]
    [InlineData("\"connectTimeout\": \"1s\", \"hedge\": true",
        "C070: hedge.delayMax (1s) is not shorter than connectTimeout (1s), after which the next upstream is tried anyway, expected less")]
    [InlineData("\"hedge\": { \"delay\": \"6s\" }",
        "C070: hedge.delay (6s) is not shorter than connectTimeout (5s), after which the next upstream "
        + "is tried anyway, expected less")]
    [InlineData("\"hedge\": { \"delayMin\": \"2s\" }",
        "C070: hedge.delayMin (2s) is longer than hedge.delayMax (1s), expected at most that")]
    [InlineData("\"suspect\": { \"holdMax\": \"100ms\" }, \"hedge\": true",
        "C070: suspect.hold (1s) is longer than suspect.holdMax (100ms), expected at most that")]
    [InlineData("\"passive\": { \"hold\": \"6m\" }", "C070: passive.hold (6m) is longer than passive.holdMax (5m), expected at most that")]
    [InlineData("\"failback\": { \"start\": 0 }", "C030: services[0].failback.start is 0, expected a whole number from 1 to 100")]
    [InlineData("\"passive\": { \"keep\": 0 }", "C030: services[0].passive.keep is 0, expected a whole number from 1 to 64")]
    [InlineData("\"hedge\": \"yes\"",
        "C022: services[0].hedge is \"yes\", expected true, false, or an object in braces, write true")]
    public void Keys_Wrong_SayWhatIsExpected(string keys, string expected) =>
        Assert.EndsWith("error " + expected, Given.OnlyError(Given.Service(keys, upstreams: Two)).ToString());

    [Theory]
    [InlineData("\"passive\": { \"keep\": 2 }",
        "passive has no effect: keep is 2, and each upstream has 1 beside it, expected at most that")]
    [InlineData("\"hedge\": { \"delay\": \"200ms\", \"delayMin\": \"50ms\" }",
        "hedge.delayMin and hedge.delayMax have no effect with a delay of 200ms, expected \"delay\": \"auto\", or the delay alone")]
    public void Keys_ThatContradictEachOther_AreAWarning(string keys, string expected)
    {
        ConfigurationError warning = Assert.Single(Given.Parse(Given.Service(keys, upstreams: Two)).Warnings);
        Assert.Equal(("C170", expected), (warning.Code, warning.Message));
    }

    [Theory]
    [InlineData("\"passive\": { \"keep\": 1 }")]
    [InlineData("\"hedge\": { \"delay\": \"200ms\" }")]
    public void Keys_ThatAgree_AreNoWarning(string keys) =>
        Assert.Empty(Given.Parse(Given.Service(keys, upstreams: Two)).Warnings);

    [Theory]
    [InlineData("\"hedge\": true", "hedge has no effect with one upstream, expected two or more")]
    [InlineData("\"failback\": true", "failback has no effect with one upstream, expected two or more")]
    [InlineData("\"retryOnReset\": \"beforeClientBytes\"", "retryOnReset has no effect with one upstream, expected two or more")]
    public void Keys_WithOneUpstream_AreAWarning(string keys, string expected)
    {
        ConfigurationError warning = Assert.Single(Given.Parse(Given.Service(keys)).Warnings);
        Assert.Equal(("C170", expected), (warning.Code, warning.Message));
    }

    [Fact]
    public void Suspect_WithoutHedge_IsAWarning()
    {
        ConfigurationError warning = Assert.Single(Given.Parse(Given.Service("\"suspect\": true", upstreams: Two)).Warnings);
        Assert.Equal(("C170", "suspect without hedge: the clients that find an upstream silent still wait for connectTimeout, "
            + "expected \"hedge\": true beside it"), (warning.Code, warning.Message));
    }

    private static ServiceSettings Read(string keys) => Given.Valid(Given.Service(keys, upstreams: Two)).Services[0].Settings;

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
