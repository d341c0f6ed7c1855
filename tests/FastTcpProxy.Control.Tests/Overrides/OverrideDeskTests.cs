using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Rules;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Changes by operators: on the disk, then in force, then answered; and which process may make them.</summary>
public sealed class OverrideDeskTests : DeskBed
{
    [Fact]
    public void Set_WhenItReturns_IsOnTheDiskAndInForce()
    {
        OverrideDesk desk = Open();
        OverrideOutcome outcome = desk.Set("s", "a", OverrideState.Draining, Overridden.Request, expectedTag: null);

        Assert.Equal((OverrideError.None, ""), (outcome.Error, outcome.Detail));
        Assert.Equal("b c", Served);
        Assert.Equal(ServingReason.Draining, Composer.Services[0].Rotation.Places[0].Why);
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
        Assert.Empty(Observer.Events);
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
        Assert.False(File.Exists(Folder["overrides.json"]));
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
        Directory.Delete(Folder.Path, recursive: true);

        OverrideOutcome[] outcomes =
        [
            desk.Set("s", "b", OverrideState.Disabled, Overridden.Request, null), desk.Clear("s", "a", null), desk.SetOrder("s", ["c"], Overridden.Request, null),
            desk.ClearOrder("s", null),
        ];

        Assert.All(outcomes, o => Assert.Equal(OverrideError.NotStored, o.Error));
        Assert.All(outcomes, o => Assert.StartsWith($"nothing was changed: {Folder["overrides.json"]} cannot be written: ", o.Detail));
        Assert.Equal([OverrideTag.None, tag, OverrideTag.None, OverrideTag.None], outcomes.Select(o => o.Tag));
        Assert.Equal("b c", Served);
        Assert.Equal(tag, desk.Find("s", "a")!.Value.Tag);
    }

    [Fact]
    public void NoDirectory_HoldsUntilTheEndOfTheProcess()
    {
        ServiceComposer composer = new(Overridden.Two);
        using OverrideDesk desk = new(composer, null, Observer, Time);
        desk.Restore();
        Assert.False(desk.IsStored);
        Assert.Equal(OverrideError.None, desk.Set("s", "a", OverrideState.Disabled, Overridden.Request, null).Error);
        Assert.Equal("b c", Serves(composer));
        Assert.Throws<InvalidOperationException>(desk.Restore);
    }

    [Fact]
    public void Change_BeforeTheRestore_IsADefectThatLosesNothing()
    {
        Open().Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        using OverrideDesk desk = new(new ServiceComposer(Overridden.Two), Folder.Path, Observer, Time);
        Assert.Throws<InvalidOperationException>(() => desk.Set("s", "b", OverrideState.Disabled, Overridden.Request, null));
        Assert.Equal(1, OnDisk().Count);
    }

    [Fact]
    public void Release_TheOtherProcessMissesNothing_AndThisOneWritesNothing()
    {
        OverrideDesk old = Open();
        ServiceComposer oldComposer = Composer;
        old.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromSeconds(5) }, null);
        old.Release();
        OverrideOutcome refused = old.Set("s", "b", OverrideState.Disabled, Overridden.Request, null);
        Assert.Equal((OverrideError.NotStored, "nothing was changed: another process takes over, or has taken over: make the change there; while it is still starting, try again in a moment"), (refused.Error, refused.Detail));

        OverrideDesk next = Open();
        Assert.Equal(old.Find("s", "a"), next.Find("s", "a"));
        next.SetOrder("s", ["c"], Overridden.Request, null);
        Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(("a b c", "c a b"), (Serves(oldComposer), Served));
        Assert.Equal("(s, -)", string.Join(' ', OnDisk().Orders.Keys.Select(s => $"({s}, -)")));
        Assert.DoesNotContain(Observer.Events, e => e.StartsWith("not stored", StringComparison.Ordinal));
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
}
