using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Operators;

namespace FastTcpProxy.Control.Tests.Operators;

/// <summary>How overrides outlive a process, and what ends them without an operator: their time, the clock, the configuration.</summary>
public sealed class OverrideEndTests : DeskBed
{
    [Fact]
    public void Expiry_IsAppliedAndWrittenAtItsTime()
    {
        OverrideDesk desk = Open();
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromMinutes(30) }, null);
        desk.SetOrder("s", ["c"], Overridden.Request with { For = TimeSpan.FromSeconds(1) }, null);
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
        Assert.Equal(OverrideTag.None, desk.Find("s", "a")!.Value.Tag);
        Assert.Equal(["s/-: order c by root ended: Expired", "s/a: disabled by root ended: Expired"], Observer.Events);
    }

    [Fact]
    public void Expiry_CannotBeWritten_EndsAllTheSameAndIsTold()
    {
        OverrideDesk desk = Open();
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromSeconds(1) }, null);
        Directory.Delete(Folder.Path, recursive: true);
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("a b c", Served);
        Assert.StartsWith("not stored: ", Observer.Events[1]);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Clock_IsSet_OverridesEndByTheNewTime(int seconds)
    {
        OverrideDesk desk = Open();
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromMinutes(30) }, null);
        // Timers do not notice, as those of the system.
        Time.AdjustTime(Time.GetUtcNow().AddSeconds(seconds));
        Time.Advance(OverrideLimits.ExpiryLook);

        Assert.Equal(seconds > 0 ? "a b c" : "b c", Served);
        Time.Advance(TimeSpan.FromMinutes(90));
        Assert.Equal("a b c", Served);
    }

    [Fact]
    public void Restore_EndsInAFarFuture_OfAClockThatWasWrong_Holds()
    {
        Open().Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = OverrideLimits.ForMax }, null);
        Time.AdjustTime(Time.GetUtcNow().AddYears(-40));

        OverrideDesk second = Open();

        Assert.NotNull(second.Find("s", "a")!.Value.Override);
        Assert.Equal("b c", Served);
    }

    [Fact]
    public void Restart_TheSameHoldsWithTheSameTags()
    {
        OverrideDesk first = Open(Overridden.Two);
        first.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromTicks(12_345_678) }, null);
        first.SetOrder("s", ["c", "b"], Overridden.Request, null);
        first.Set("t", "x", OverrideState.Enabled, Overridden.Request, null);
        first.Dispose();

        OverrideDesk second = Open();

        Assert.Equal(first.Find("s", "a"), second.Find("s", "a"));
        Assert.Equal(first.Find("t", "x"), second.Find("t", "x"));
        Assert.Equal(first.FindOrder("s")!.Value.Tag, second.FindOrder("s")!.Value.Tag);
        Assert.Equal("c b", Served);
        Assert.Equal(["restored 3"], Observer.Events);
        // What ends by itself does so in the second life too.
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("c b a", Served);
    }

    [Fact]
    public void Restart_WhatEndedMeanwhile_IsGoneFromTheFileToo()
    {
        Open().Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromSeconds(1) }, null);
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
        OverrideDesk first = Open();
        first.Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        first.SetOrder("s", ["c"], Overridden.Request, null);

        Open(Overridden.Configuration(("other", "z")));
        Assert.Equal(["s/a: disabled by root ended: Gone", "s/-: order c by root ended: Gone"], Observer.Events);
        Assert.Equal(0, OnDisk().Count);

        Open();
        Assert.Equal("a b c", Served);
    }

    [Fact]
    public void Follow_ConfigurationChangesWhatItIsAbout_YieldsInForceAndOnDisk()
    {
        OverrideDesk desk = Open();
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        desk.Set("s", "b", OverrideState.Disabled, Overridden.Request, null);
        desk.SetOrder("s", ["c"], Overridden.Request, null);
        ProxyConfiguration next = Overridden.Two.With("a", u => u with { Address = Overridden.Address("192.0.2.222:1") }).With("b", u => u with { Mode = ModeSetting.Raw });

        desk.Follow(Composer.Plan(next));

        Assert.Equal("c a", Served);
        Assert.Equal(["s/a: disabled by root ended: ConfigurationChanged"], Observer.Events);
        Assert.Equal(2, OnDisk().Count);
        // It is about the new one now.
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        desk.Follow(Composer.Plan(next));
        Assert.Equal("c", Served);
    }
}
