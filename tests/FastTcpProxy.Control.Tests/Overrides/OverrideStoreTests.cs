using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Rules;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Changes by operators: on the disk, then in force, then answered; and which process may make them.</summary>
public sealed class OverrideStoreTests : StoreBed
{
    [Fact]
    public void Set_WhenItReturns_IsOnTheDiskAndInForce()
    {
        OverrideStore store = Open();
        OverrideOutcome outcome = store.Set("s", "a", OverrideState.Draining, Overridden.Request, expectedTag: null);

        Assert.Equal((OverrideError.None, ""), (outcome.Error, outcome.Detail));
        Assert.Equal("b c", Served);
        Assert.Equal(ServingReason.Draining, Composer.Services[0].Rotation.Places[0].Why);
        Assert.Equal((new UpstreamOverride(OverrideState.Draining, "repair", "root", Overridden.At, null), outcome.Tag), store.Find("s", "a"));
        Assert.Equal(1, OnDisk().Count);

        Assert.Equal(OverrideError.None, store.SetOrder("s", ["c"], Overridden.Request, null).Error);
        Assert.Equal("c b", Served);
        Assert.Equal(2, OnDisk().Count);
        Assert.Equal(["c"], store.FindOrder("s")!.Value.Override!.Names);

        Assert.Equal((OverrideError.None, OverrideTag.None), (store.Clear("s", "a", outcome.Tag).Error, store.Find("s", "a")!.Value.Tag));
        Assert.Equal((OverrideError.None, OverrideTag.None), (store.ClearOrder("s", null).Error, store.FindOrder("s")!.Value.Tag));
        Assert.Equal("a b c", Served);
        Assert.Equal(0, OnDisk().Count);
        Assert.Empty(Observer.Events);
    }

    [Fact]
    public void Set_EnabledInPlaceOfTheConfiguration_Serves()
    {
        OverrideStore store = Open(Overridden.Two.With("a", u => u with { Enabled = false }));
        Assert.Equal("b c", Served);
        store.Set("s", "a", OverrideState.Enabled, Overridden.Request, null);
        Assert.Equal("a b c", Served);
    }

    [Fact]
    public void Change_OfWhatThereIsNot_IsRefusedByName()
    {
        OverrideStore store = Open();
        Assert.Null(store.Find("x", "a"));
        Assert.Null(store.Find("s", "x"));
        Assert.Null(store.FindOrder("x"));
        OverrideOutcome[] outcomes =
        [
            store.Set("x", "a", OverrideState.Disabled, Overridden.Request, null), store.Clear("x", "a", null),
            store.SetOrder("x", ["a"], Overridden.Request, null), store.ClearOrder("x", null),
        ];
        Assert.All(outcomes, o => Assert.Equal(new OverrideOutcome(OverrideError.UnknownService, "there is no service \"x\", expected one of \"s\", \"t\"", ""), o));
        Assert.Equal(OverrideError.UnknownUpstream, store.Set("t", "a", OverrideState.Disabled, Overridden.Request, null).Error);
        Assert.Equal("service \"t\" has no upstream \"a\", expected one of \"x\"", store.Clear("t", "a", null).Detail);
        Assert.False(File.Exists(Folder["overrides.json"]));
    }

    [Fact]
    public void Change_OutOfBounds_IsRefusedWithTheTagThatHolds()
    {
        OverrideStore store = Open();
        string tag = store.Set("s", "a", OverrideState.Disabled, Overridden.Request, null).Tag;
        OverrideOutcome outcome = store.Set("s", "a", OverrideState.Enabled, Overridden.Request with { For = TimeSpan.Zero }, null);
        Assert.Equal((OverrideError.OutOfRange, tag), (outcome.Error, outcome.Tag));
        Assert.Equal(OverrideError.OutOfRange, store.SetOrder("s", ["a"], Overridden.Request with { Reason = new string('r', 257) }, null).Error);
        Assert.Equal(OverrideError.DuplicateName, store.SetOrder("s", ["a", "a"], Overridden.Request, null).Error);
        Assert.Equal("b c", Served);
    }

    [Fact]
    public void Tag_OfAnEarlierState_IsRefusedWithTheOneThatHolds()
    {
        OverrideStore store = Open();
        OverrideOutcome first = store.Set("s", "a", OverrideState.Disabled, Overridden.Request, OverrideTag.None);
        Assert.Equal(OverrideError.None, first.Error);

        Assert.Equal((OverrideError.TagMismatch, first.Tag), Of(store.Set("s", "a", OverrideState.Enabled, Overridden.Request, OverrideTag.None)));
        Assert.Equal((OverrideError.TagMismatch, first.Tag), Of(store.Clear("s", "a", "other")));
        Assert.Equal((OverrideError.TagMismatch, OverrideTag.None), Of(store.SetOrder("s", ["a"], Overridden.Request, "other")));
        Assert.Equal((OverrideError.TagMismatch, OverrideTag.None), Of(store.ClearOrder("s", "other")));
        Assert.Equal("b c", Served);

        static (OverrideError, string) Of(OverrideOutcome outcome) => (outcome.Error, outcome.Tag);
    }

    [Fact]
    public void Store_Fails_NothingIsChanged()
    {
        OverrideStore store = Open();
        string tag = store.Set("s", "a", OverrideState.Disabled, Overridden.Request, null).Tag;
        Directory.Delete(Folder.Path, recursive: true);

        OverrideOutcome[] outcomes =
        [
            store.Set("s", "b", OverrideState.Disabled, Overridden.Request, null), store.Clear("s", "a", null), store.SetOrder("s", ["c"], Overridden.Request, null),
            store.ClearOrder("s", null),
        ];

        Assert.All(outcomes, o => Assert.Equal(OverrideError.NotStored, o.Error));
        Assert.All(outcomes, o => Assert.StartsWith($"nothing was changed: {Folder["overrides.json"]} cannot be written: ", o.Detail));
        Assert.Equal([OverrideTag.None, tag, OverrideTag.None, OverrideTag.None], outcomes.Select(o => o.Tag));
        Assert.Equal("b c", Served);
        Assert.Equal(tag, store.Find("s", "a")!.Value.Tag);
    }

    [Fact]
    public void NoDirectory_HoldsUntilTheEndOfTheProcess()
    {
        ServiceComposer composer = new(Overridden.Two);
        using OverrideStore store = new(composer, null, Observer, Time);
        store.Restore();
        Assert.False(store.IsStored);
        Assert.Equal(OverrideError.None, store.Set("s", "a", OverrideState.Disabled, Overridden.Request, null).Error);
        Assert.Equal("b c", Serves(composer));
        Assert.Throws<InvalidOperationException>(store.Restore);
    }

    [Fact]
    public void Change_BeforeTheRestore_IsADefectThatLosesNothing()
    {
        Open().Set("s", "a", OverrideState.Disabled, Overridden.Request, null);
        using OverrideStore store = new(new ServiceComposer(Overridden.Two), Folder.Path, Observer, Time);
        Assert.Throws<InvalidOperationException>(() => store.Set("s", "b", OverrideState.Disabled, Overridden.Request, null));
        Assert.Equal(1, OnDisk().Count);
    }

    [Fact]
    public void Release_TheOtherProcessMissesNothing_AndThisOneWritesNothing()
    {
        OverrideStore old = Open();
        ServiceComposer oldComposer = Composer;
        old.Set("s", "a", OverrideState.Disabled, Overridden.Request with { For = TimeSpan.FromSeconds(5) }, null);
        old.Release();
        OverrideOutcome refused = old.Set("s", "b", OverrideState.Disabled, Overridden.Request, null);
        Assert.Equal((OverrideError.NotStored, "nothing was changed: another process takes over, or has taken over: make the change there; while it is still starting, try again in a moment"), (refused.Error, refused.Detail));

        OverrideStore next = Open();
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
        OverrideStore old = Open();
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
        OverrideStore store = Open();
        for (int round = 0; round < Rounds; round++)
        {
            string tag = store.Find("s", "a")!.Value.Tag;
            using Barrier together = new(Operators);
            OverrideOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, Operators).Select(i => Task.Factory.StartNew(() =>
            {
                together.SignalAndWait();
                return store.Set("s", "a", OverrideState.Disabled, new OverrideRequest($"{round}.{i}", $"operator {i}", null), tag);
            }, TaskCreationOptions.LongRunning)));

            OverrideOutcome winner = Assert.Single(outcomes, o => o.Error == OverrideError.None);
            Assert.All(outcomes, o => Assert.Equal(winner.Tag, o.Tag));
            Assert.Equal(Operators - 1, outcomes.Count(o => o.Error == OverrideError.TagMismatch));
            Assert.Equal(winner.Tag, store.Find("s", "a")!.Value.Tag);
            Assert.Equal(store.Find("s", "a")!.Value.Override, OnDisk().Upstreams[("s", "a")].Set);
        }
    }
}
