using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Operators;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Control.Tests.Operators;

/// <summary>Changes by operators: on the disk, then in force, then answered; and what ends them. On a clock that the test moves.</summary>
public sealed class OverrideDeskTests : IDisposable
{
    private readonly TempFolder _folder = new("state");
    private readonly RecordingOverrideObserver _observer = new();
    private readonly FakeTimeProvider _time = new(Overridden.At);
    private readonly List<OverrideDesk> _desks = [];
    private ServiceComposer _composer = null!;

    private string Served => Serves(_composer);

    public void Dispose()
    {
        foreach (OverrideDesk desk in _desks) desk.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Set_WhenItReturns_IsOnTheDiskAndInForce()
    {
        OverrideDesk desk = Open();
        OverrideOutcome outcome = desk.Set("s", "a", OverrideState.Draining, Overridden.Request, expectedTag: null);

        Assert.Equal((OverrideError.None, ""), (outcome.Error, outcome.Detail));
        Assert.Equal("b c", Served);
        Assert.Equal(ServingReason.Draining, _composer.Services[0].Rotation.Places[0].Why);
        Assert.Equal((new UpstreamOverride(OverrideState.Draining, "repair", "root", Overridden.At, null), outcome.Tag), desk.Find("s", "a"));
        Assert.Equal(1, OnDisk().Count);

        Assert.Equal(OverrideError.None, desk.SetOrder("s", ["c"], Overridden.Request, null).Error);
        Assert.Equal("c b", Served);
        Assert.Equal(2, OnDisk().Count);
        Assert.Equal(["c"], desk.FindOrder("s")!.Value.Override!.Names);

        Assert.Equal((OverrideError.None, OverrideTag.None), (desk.Clear("s", "a", outcome.Tag).Error, desk.Find("s", "a")!.Value.Tag));
        Assert.Equal((OverrideError.None, OverrideTag.None), (desk.ClearOrder("s", null).Error, desk.FindOrder("s")!.Value.Tag));
        Assert.Equal("a b c", Served);
        Assert.Equal(0, OnDisk().Count);
        Assert.Empty(_observer.Events);
    }

    [Fact]
    public void Set_EnabledInPlaceOfTheConfiguration_Serves()
    {
        OverrideDesk desk = Open(Overridden.Two.With("a", u => u with { Enabled = false }));
        Assert.Equal("b c", Served);
        desk.Set("s", "a", OverrideState.Enabled, Overridden.Request, null);
        Assert.Equal("a b c", Served);
    }

    [Fact]
    public void Change_OfWhatThereIsNot_IsRefusedByName()
    {
        OverrideDesk desk = Open();
        Assert.Null(desk.Find("x", "a"));
        Assert.Null(desk.Find("s", "x"));
        Assert.Null(desk.FindOrder("x"));
        OverrideOutcome[] outcomes =
        [
            desk.Set("x", "a", OverrideState.Disabled, Overridden.Request, null), desk.Clear("x", "a", null),
            desk.SetOrder("x", ["a"], Overridden.Request, null), desk.ClearOrder("x", null),
        ];
        Assert.All(outcomes, o => Assert.Equal(new OverrideOutcome(OverrideError.UnknownService, "there is no service \"x\", expected one of \"s\", \"t\"", ""), o));
        Assert.Equal(OverrideError.UnknownUpstream, desk.Set("t", "a", OverrideState.Disabled, Overridden.Request, null).Error);
        Assert.Equal("service \"t\" has no upstream \"a\", expected one of \"x\"", desk.Clear("t", "a", null).Detail);
        Assert.False(File.Exists(_folder["overrides.json"]));
    }

    [Fact]
    public void Change_OutOfBounds_IsRefusedWithTheTagThatHolds()
    {
        OverrideDesk desk = Open();
        string tag = desk.Set("s", "a", OverrideState.Disabled, Overridden.Request, null).Tag;
        OverrideOutcome outcome = desk.Set("s", "a", OverrideState.Enabled, Overridden.Request with { For = TimeSpan.Zero }, null);
        Assert.Equal((OverrideError.OutOfRange, tag), (outcome.Error, outcome.Tag));
        Assert.Equal(OverrideError.OutOfRange, desk.SetOrder("s", ["a"], Overridden.Request with { Reason = new string('r', 257) }, null).Error);
        Assert.Equal(OverrideError.DuplicateName, desk.SetOrder("s", ["a", "a"], Overridden.Request, null).Error);
        Assert.Equal("b c", Served);
    }

    [Fact]
    public void Tag_OfAnEarlierState_IsRefusedWithTheOneThatHolds()
    {
        OverrideDesk desk = Open();
        OverrideOutcome first = desk.Set("s", "a", OverrideState.Disabled, Overridden.Request, OverrideTag.None);
        Assert.Equal(OverrideError.None, first.Error);

        Assert.Equal((OverrideError.TagMismatch, first.Tag), Of(desk.Set("s", "a", OverrideState.Enabled, Overridden.Request, OverrideTag.None)));
        Assert.Equal((OverrideError.TagMismatch, first.Tag), Of(desk.Clear("s", "a", "other")));
        Assert.Equal((OverrideError.TagMismatch, OverrideTag.None), Of(desk.SetOrder("s", ["a"], Overridden.Request, "other")));
        Assert.Equal((OverrideError.TagMismatch, OverrideTag.None), Of(desk.ClearOrder("s", "other")));
        Assert.Equal("b c", Served);

        static (OverrideError, string) Of(OverrideOutcome outcome) => (outcome.Error, outcome.Tag);
    }

    [Fact]
    public void Store_Fails_NothingIsChanged()
    {
        OverrideDesk desk = Open();
        string tag = desk.Set("s", "a", OverrideState.Disabled, Overridden.Request, null).Tag;
        Directory.Delete(_folder.Path, recursive: true);

        OverrideOutcome[] outcomes =
        [
            desk.Set("s", "b", OverrideState.Disabled, Overridden.Request, null), desk.Clear("s", "a", null), desk.SetOrder("s", ["c"], Overridden.Request, null),
            desk.ClearOrder("s", null),
        ];

        Assert.All(outcomes, o => Assert.Equal(OverrideError.NotStored, o.Error));
        Assert.All(outcomes, o => Assert.StartsWith($"nothing was changed: {_folder["overrides.json"]} cannot be written: ", o.Detail));
        Assert.Equal([OverrideTag.None, tag, OverrideTag.None, OverrideTag.None], outcomes.Select(o => o.Tag));
        Assert.Equal("b c", Served);
        Assert.Equal(tag, desk.Find("s", "a")!.Value.Tag);
    }

    [Fact]
    public void Expiry_IsAppliedAndWrittenAtItsTime()
    {
        OverrideDesk desk = Open();
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromMinutes(30) }, null);
        desk.SetOrder("s", ["c"], Overridden.Request with { For = TimeSpan.FromSeconds(1) }, null);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal("c b", Served);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("b c", Served);
        Assert.Equal(1, OnDisk().Count);
        _time.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1001));
        Assert.Equal("b c", Served);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("a b c", Served);
        Assert.Equal(0, OnDisk().Count);
        Assert.Equal(OverrideTag.None, desk.Find("s", "a")!.Value.Tag);
        Assert.Equal(["s/-: order c by root ended: Expired", "s/a: disabled by root ended: Expired"], _observer.Events);
    }

    [Fact]
    public void Expiry_CannotBeWritten_EndsAllTheSameAndIsTold()
    {
        OverrideDesk desk = Open();
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromSeconds(1) }, null);
        Directory.Delete(_folder.Path, recursive: true);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("a b c", Served);
        Assert.StartsWith("not stored: ", _observer.Events[1]);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Clock_IsSet_OverridesEndByTheNewTime(int seconds)
    {
        OverrideDesk desk = Open();
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromMinutes(30) }, null);
        // Timers do not notice, as those of the system.
        _time.AdjustTime(_time.GetUtcNow().AddSeconds(seconds));
        _time.Advance(OverrideLimits.ExpiryLook);

        Assert.Equal(seconds > 0 ? "a b c" : "b c", Served);
        _time.Advance(TimeSpan.FromMinutes(90));
        Assert.Equal("a b c", Served);
    }

    [Fact]
    public void Restore_EndsInAFarFuture_OfAClockThatWasWrong_Holds()
    {
        Open().Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = OverrideLimits.ForMax }, null);
        _time.AdjustTime(_time.GetUtcNow().AddYears(-40));

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
        Assert.Equal(["restored 3"], _observer.Events);
        // What ends by itself does so in the second life too.
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("c b a", Served);
    }

    [Fact]
    public void Restart_WhatEndedMeanwhile_IsGoneFromTheFileToo()
    {
        Open().Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromSeconds(1) }, null);
        foreach (OverrideDesk desk in _desks) desk.Dispose();
        _time.Advance(TimeSpan.FromHours(1));

        Open();

        Assert.Equal("a b c", Served);
        Assert.Equal(0, OnDisk().Count);
        Assert.Equal(["s/a: disabled by root ended: Expired"], _observer.Events);
    }

    [Fact]
    public void Restart_WithAnotherConfiguration_AllYieldsForGood()
    {
        OverrideDesk first = Open();
        first.Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        first.SetOrder("s", ["c"], Overridden.Request, null);

        Open(Overridden.Configuration(("other", "z")));
        Assert.Equal(["s/a: disabled by root ended: Gone", "s/-: order c by root ended: Gone"], _observer.Events);
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

        desk.Follow(_composer.Plan(next));

        Assert.Equal("c a", Served);
        Assert.Equal(["s/a: disabled by root ended: ConfigurationChanged"], _observer.Events);
        Assert.Equal(2, OnDisk().Count);
        // It is about the new one now.
        desk.Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        desk.Follow(_composer.Plan(next));
        Assert.Equal("c", Served);
    }

    [Fact]
    public void NoDirectory_HoldsUntilTheEndOfTheProcess()
    {
        _composer = new ServiceComposer(Overridden.Two);
        using OverrideDesk desk = new(_composer, null, _observer, _time);
        desk.Restore();
        Assert.False(desk.IsStored);
        Assert.Equal(OverrideError.None, desk.Set("s", "a", OverrideState.Disabled, Overridden.Request, null).Error);
        Assert.Equal("b c", Served);
        Assert.Throws<InvalidOperationException>(desk.Restore);
    }

    [Fact]
    public void Change_BeforeTheRestore_IsADefectThatLosesNothing()
    {
        Open().Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        using OverrideDesk desk = new(new ServiceComposer(Overridden.Two), _folder.Path, _observer, _time);
        Assert.Throws<InvalidOperationException>(() => desk.Set("s", "b", OverrideState.Disabled, Overridden.Request, null));
        Assert.Equal(1, OnDisk().Count);
    }

    [Fact]
    public void Release_TheOtherProcessMissesNothing_AndThisOneWritesNothing()
    {
        OverrideDesk old = Open();
        ServiceComposer oldComposer = _composer;
        old.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromSeconds(5) }, null);
        old.Release();
        OverrideOutcome refused = old.Set("s", "b", OverrideState.Disabled, Overridden.Request, null);
        Assert.Equal((OverrideError.NotStored, "nothing was changed: another process takes over: try again in a moment, and ask the one that serves then"), (refused.Error, refused.Detail));

        OverrideDesk next = Open();
        Assert.Equal(old.Find("s", "a"), next.Find("s", "a"));
        next.SetOrder("s", ["c"], Overridden.Request, null);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(("a b c", "c a b"), (Serves(oldComposer), Served));
        Assert.Equal("(s, -)", string.Join(' ', OnDisk().Orders.Keys.Select(s => $"({s}, -)")));
        Assert.DoesNotContain(_observer.Events, e => e.StartsWith("not stored", StringComparison.Ordinal));
    }

    [Fact]
    public void Reclaim_TheOtherProcessFails_WhatHoldsHereIsOnTheDiskAgain()
    {
        OverrideDesk old = Open();
        old.Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        old.Release();
        // It has another configuration, does away with what that overtakes, and then ends.
        Open(Overridden.Configuration(("s", "b"))).Dispose();
        Assert.Equal(0, OnDisk().Count);

        old.Reclaim();

        Assert.Equal(1, OnDisk().Count);
        Assert.Equal(OverrideError.None, old.Set("s", "b", OverrideState.Disabled, Overridden.Request, null).Error);
        Assert.Equal(2, OnDisk().Count);
    }

    [Fact]
    public async Task Set_ByManyWithTheSameTag_ExactlyOneWins()
    {
        const int Operators = 8, Rounds = 25;
        OverrideDesk desk = Open();
        for (int round = 0; round < Rounds; round++)
        {
            string tag = desk.Find("s", "a")!.Value.Tag;
            using Barrier together = new(Operators);
            OverrideOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, Operators).Select(i => Task.Factory.StartNew(() =>
            {
                together.SignalAndWait();
                return desk.Set("s", "a", OverrideState.Disabled, new OverrideRequest($"{round}.{i}", $"operator {i}", null), tag);
            }, TaskCreationOptions.LongRunning)));

            OverrideOutcome winner = Assert.Single(outcomes, o => o.Error == OverrideError.None);
            Assert.All(outcomes, o => Assert.Equal(winner.Tag, o.Tag));
            Assert.Equal(Operators - 1, outcomes.Count(o => o.Error == OverrideError.TagMismatch));
            Assert.Equal(winner.Tag, desk.Find("s", "a")!.Value.Tag);
            Assert.Equal(desk.Find("s", "a")!.Value.Override, OnDisk().Upstreams[("s", "a")].Set);
        }
    }

    private static string Serves(ServiceComposer composer) => string.Join(' ', composer.Services[0].State.Definition.Upstreams.Select(u => u.Name));

    private OverrideDesk Open(ProxyConfiguration? configuration = null)
    {
        _composer = new ServiceComposer(configuration ?? Overridden.Two);
        OverrideDesk desk = new(_composer, _folder.Path, _observer, _time);
        _desks.Add(desk);
        desk.Restore();
        return desk;
    }

    private OverrideBook OnDisk() => new OverrideFile(_folder.Path).Load(_observer);
}
