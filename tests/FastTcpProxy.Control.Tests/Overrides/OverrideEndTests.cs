using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>How overrides outlive a process, and what ends them without an operator: their time, the clock, the configuration.</summary>
public sealed class OverrideEndTests : StoreBed
{
    [Fact]
    public void Expiry_IsAppliedAndWrittenAtItsTime()
    {
        OverrideStore store = Open();
        store.Set("s", "a", OverrideState.Disabled, TimeSpan.FromMinutes(30));
        store.SetOrder("s", ["c"], TimeSpan.FromSeconds(1));
        Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal("c b", Served);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("b c", Served);
        Assert.Equal(1, OnDisk().Count);
        Time.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1001));
        Assert.Equal("b c", Served);
        Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("a b c", Served);
        Assert.Equal(0, OnDisk().Count);
        Assert.Equal(Override.NoTag, store.Find("s", "a").Tag);
        Assert.Equal(["s/-: order c by root ended: Expired", "s/a: disabled by root ended: Expired"], Observer.Events);
    }

    [Fact]
    public void Expiry_CannotBeWritten_EndsAllTheSameAndIsTold()
    {
        OverrideStore store = Open();
        store.Set("s", "a", OverrideState.Disabled, TimeSpan.FromSeconds(1));
        Directory.Delete(Folder.Path, recursive: true);
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("a b c", Served);
        Assert.StartsWith("not stored: ", Observer.Events[1]);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Clock_IsSet_OverridesEndAfterTheirTime(int seconds)
    {
        OverrideStore store = Open();
        store.Set("s", "a", OverrideState.Disabled, TimeSpan.FromMinutes(30));
        store.SetOrder("s", ["c"], TimeSpan.FromMinutes(20));
        Time.Advance(TimeSpan.FromMinutes(10));
        Time.SetWallClock(TimeSpan.FromSeconds(seconds));
        Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("c b", Served);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("b c", Served);
        Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("b c", Served);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a b c", Served);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Clock_IsSet_WhatIsShownAndStoredMovesAlong(int seconds)
    {
        OverrideStore store = Open();
        store.Set("s", "a", OverrideState.Disabled, TimeSpan.FromMinutes(30));
        store.Set("s", "b", OverrideState.Draining);
        string untouched = store.Find("s", "b").Tag;
        Time.SetWallClock(TimeSpan.FromSeconds(seconds));
        Time.Advance(OverrideLimits.ClockCheckInterval);

        Override set = store.Find("s", "a").Set!;
        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromMinutes(29), set.Expires);
        Assert.Equal(TimeSpan.FromMinutes(30), set.Expires - set.At);
        // The next life goes by the file alone.
        StopAll();
        Assert.Equal(set, OnDisk().Of("s", "a"));
        OverrideStore second = Open();
        Assert.Equal(untouched, second.Find("s", "b").Tag);
        Time.Advance(TimeSpan.FromMinutes(29) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(second.Find("s", "a").Set!);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(second.Find("s", "a").Set!);
    }

    /// <summary>Before the next look notices, too.</summary>
    [Fact]
    public void Clock_IsSet_WhatIsSetRightAfterHasItsWholeTime()
    {
        OverrideStore store = Open();
        store.Set("s", "b", OverrideState.Disabled, TimeSpan.FromHours(5));
        Time.SetWallClock(TimeSpan.FromHours(-1));
        store.Set("s", "a", OverrideState.Disabled, TimeSpan.FromMinutes(2));
        Assert.Equal(Time.GetUtcNow(), store.Find("s", "a").Set!.At);
        Time.Advance(TimeSpan.FromMinutes(2) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("c", Served);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a c", Served);
    }

    /// <summary>NTP that pulls the clock by less than a second moves nothing: the tags stay.</summary>
    [Fact]
    public void Clock_IsSetByAMoment_NothingMoves()
    {
        OverrideStore store = Open();
        store.Set("s", "a", OverrideState.Disabled, TimeSpan.FromMinutes(30));
        string tag = store.Find("s", "a").Tag;
        Time.SetWallClock(TimeSpan.FromMilliseconds(900));
        Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(tag, store.Find("s", "a").Tag);
    }

    /// <summary>
    /// The clock was ahead when it was set, and is right at the restart: it holds as long as was asked for, and no longer.
    /// </summary>
    [Fact]
    public void Restore_ClockWasSetBackWhileNobodyLooked_HoldsNoLongerThanAskedFor()
    {
        Open().Set("s", "a", OverrideState.Disabled, TimeSpan.FromMinutes(30));
        StopAll();
        Time.SetWallClock(TimeSpan.FromDays(-365 * 40));

        OverrideStore second = Open();

        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromMinutes(30), second.Find("s", "a").Set!.Expires);
        Assert.Equal("b c", Served);
        Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("a b c", Served);
    }

    [Fact]
    public void Restart_TheSameHoldsWithTheSameTags()
    {
        OverrideStore first = Open(Overridden.Two);
        first.Set("s", "a", OverrideState.Disabled, TimeSpan.FromTicks(12_345_678));
        first.SetOrder("s", ["c", "b"]);
        first.Set("t", "x", OverrideState.Enabled);
        first.Dispose();

        OverrideStore second = Open();

        Assert.Equal(first.Find("s", "a"), second.Find("s", "a"));
        Assert.Equal(first.Find("t", "x"), second.Find("t", "x"));
        Assert.Equal(first.FindOrder("s").Tag, second.FindOrder("s").Tag);
        Assert.Equal("c b", Served);
        Assert.Equal(["restored 3"], Observer.Events);
        // What ends by itself does so in the second life too.
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("c b a", Served);
    }

    [Fact]
    public void Restart_WhatEndedMeanwhile_IsGoneFromTheFileToo()
    {
        Open().Set("s", "a", OverrideState.Disabled, TimeSpan.FromSeconds(1));
        StopAll();
        Time.Advance(TimeSpan.FromHours(1));

        Open();

        Assert.Equal("a b c", Served);
        Assert.Equal(0, OnDisk().Count);
        Assert.Equal(["s/a: disabled by root ended: Expired"], Observer.Events);
    }

    [Fact]
    public void Restart_WithAnotherConfiguration_AllYieldsForGood()
    {
        OverrideStore first = Open();
        first.Set("s", "a", OverrideState.Disabled);
        first.SetOrder("s", ["c"]);

        Open(Overridden.Configuration(("other", "z")));
        Assert.Equal(["s/a: disabled by root ended: Gone", "s/-: order c by root ended: Gone"], Observer.Events);
        Assert.Equal(0, OnDisk().Count);

        Open();
        Assert.Equal("a b c", Served);
    }

    [Fact]
    public void Follow_ConfigurationChangesWhatItIsAbout_YieldsInForceAndOnDisk()
    {
        OverrideStore store = Open();
        store.Set("s", "a", OverrideState.Disabled);
        store.Set("s", "b", OverrideState.Disabled);
        store.SetOrder("s", ["c"]);
        ProxyConfiguration next = Overridden.Two.With("a", u => u with { Address = Overridden.Address("192.0.2.222:1") })
            .With("b", u => u with { Mode = HeaderMode.Raw });

        store.Reconcile(Composer.Plan(next));

        Assert.Equal("c a", Served);
        Assert.Equal(["s/a: disabled by root ended: ConfigurationChanged"], Observer.Events);
        Assert.Equal(2, OnDisk().Count);
        // It is about the new one now.
        store.Set("s", "a", OverrideState.Disabled);
        store.Reconcile(Composer.Plan(next));
        Assert.Equal("c", Served);
    }
}
