using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Changes by operators: on the disk, then in force, then answered; and which process may make them.</summary>
public sealed class OverrideStoreTests : StoreBed
{
    [Fact]
    public void Set_WhenItReturns_IsOnTheDiskAndInForce()
    {
        OverrideStore store = Open();
        OverrideOutcome outcome = store.Set("s", "a", OverrideState.Draining);

        Assert.Equal((OverrideError.None, ""), (outcome.Error, outcome.Detail));
        Assert.Equal("b c", Served);
        Assert.Equal(ServingReason.Draining, Composer.Services[0].Rotation.Places[0].Why);
        Assert.Equal(Overridden.State with { State = OverrideState.Draining }, outcome.Set);
        Assert.Equal(outcome, store.Find("s", "a"));
        Assert.Equal(1, OnDisk().Count);

        Assert.Equal(OverrideError.None, store.SetOrder("s", ["c"]).Error);
        Assert.Equal("c b", Served);
        Assert.Equal(2, OnDisk().Count);
        Assert.Equal(["c"], store.FindOrder("s").Set is OrderOverride { Names: var names } ? names : []);

        Assert.Equal((OverrideError.None, Override.NoTag), (store.Clear("s", "a", outcome.Tag).Error, store.Find("s", "a").Tag));
        Assert.Equal((OverrideError.None, Override.NoTag), (store.ClearOrder("s").Error, store.FindOrder("s").Tag));
        Assert.Equal("a b c", Served);
        Assert.Equal(0, OnDisk().Count);
        Assert.Empty(Observer.Events);
    }

    [Fact]
    public void Set_EnabledInPlaceOfTheConfiguration_Serves()
    {
        OverrideStore store = Open(Overridden.Two.With("a", u => u with { Enabled = false }));
        Assert.Equal("b c", Served);
        store.Set("s", "a", OverrideState.Enabled);
        Assert.Equal("a b c", Served);
    }

    [Fact]
    public void Change_OfWhatThereIsNot_IsRefusedByName()
    {
        OverrideStore store = Open();
        Assert.Equal(OverrideError.NotFound, store.Find("s", "x").Error);
        OverrideOutcome[] outcomes =
        [
            store.Find("x", "a"), store.FindOrder("x"),
            store.Set("x", "a", OverrideState.Disabled), store.Clear("x", "a"),
            store.SetOrder("x", ["a"]), store.ClearOrder("x"),
        ];
        Assert.All(outcomes, o =>
            Assert.Equal(new OverrideOutcome(OverrideError.NotFound, "there is no service \"x\", expected one of \"s\", \"t\"", null), o));
        Assert.Equal(OverrideError.NotFound, store.Set("t", "a", OverrideState.Disabled).Error);
        Assert.Equal("service \"t\" has no upstream \"a\", expected one of \"x\"", store.Clear("t", "a").Detail);
        Assert.False(File.Exists(Folder["overrides.json"]));
    }

    [Fact]
    public void Change_OutOfBounds_IsRefusedWithTheTagThatHolds()
    {
        OverrideStore store = Open();
        string tag = store.Set("s", "a", OverrideState.Disabled).Tag;
        OverrideOutcome outcome = store.Set("s", "a", OverrideState.Enabled, TimeSpan.Zero);
        Assert.Equal((OverrideError.Invalid, tag), (outcome.Error, outcome.Tag));
        Assert.Equal(OverrideError.Invalid, store.SetOrder("s", ["a"], reason: new string('r', 257)).Error);
        Assert.Equal(OverrideError.Invalid, store.SetOrder("s", ["a", "a"]).Error);
        Assert.Equal("b c", Served);
    }

    [Fact]
    public void Tag_OfAnEarlierState_IsRefusedWithTheOneThatHolds()
    {
        OverrideStore store = Open();
        OverrideOutcome first = store.Set("s", "a", OverrideState.Disabled, tag: Override.NoTag);
        Assert.Equal(OverrideError.None, first.Error);

        Assert.Equal((OverrideError.TagMismatch, first.Tag), Of(store.Set("s", "a", OverrideState.Enabled, tag: Override.NoTag)));
        Assert.Equal((OverrideError.TagMismatch, first.Tag), Of(store.Clear("s", "a", "other")));
        Assert.Equal((OverrideError.TagMismatch, Override.NoTag), Of(store.SetOrder("s", ["a"], tag: "other")));
        Assert.Equal((OverrideError.TagMismatch, Override.NoTag), Of(store.ClearOrder("s", "other")));
        Assert.Equal("b c", Served);

        static (OverrideError, string) Of(OverrideOutcome outcome) => (outcome.Error, outcome.Tag);
    }

    [Fact]
    public void Store_Fails_NothingIsChanged()
    {
        OverrideStore store = Open();
        string tag = store.Set("s", "a", OverrideState.Disabled).Tag;
        Directory.Delete(Folder.Path, recursive: true);

        OverrideOutcome[] outcomes =
        [
            store.Set("s", "b", OverrideState.Disabled), store.Clear("s", "a"), store.SetOrder("s", ["c"]),
            store.ClearOrder("s"),
        ];

        Assert.All(outcomes, o => Assert.Equal(OverrideError.NotStored, o.Error));
        Assert.All(outcomes, o => Assert.StartsWith($"nothing was changed: {Folder["overrides.json"]} cannot be written: ", o.Detail));
        Assert.Equal([Override.NoTag, tag, Override.NoTag, Override.NoTag], outcomes.Select(o => o.Tag));
        Assert.Equal("b c", Served);
        Assert.Equal(tag, store.Find("s", "a").Tag);
    }

    [Fact]
    public void NoDirectory_HoldsUntilTheEndOfTheProcess()
    {
        ServiceComposer composer = new(Overridden.Two);
        using OverrideStore store = new(composer, stateDirectory: null, Observer, Time);
        store.Restore();
        Assert.False(store.IsStored);
        Assert.Equal(OverrideError.None, store.Set("s", "a", OverrideState.Disabled).Error);
        Assert.Equal("b c", Serves(composer));
        Assert.Throws<InvalidOperationException>(store.Restore);
    }

    [Fact]
    public void Change_BeforeTheRestore_IsADefectThatLosesNothing()
    {
        Open().Set("s", "a", OverrideState.Disabled);
        using OverrideStore store = new(new ServiceComposer(Overridden.Two), Folder.Path, Observer, Time);
        Assert.Throws<InvalidOperationException>(() => store.Set("s", "b", OverrideState.Disabled));
        Assert.Equal(1, OnDisk().Count);
    }

    [Fact]
    public void Release_TheOtherProcessMissesNothing_AndThisOneWritesNothing()
    {
        OverrideStore old = Open();
        ServiceComposer oldComposer = Composer;
        old.Set("s", "a", OverrideState.Disabled, TimeSpan.FromSeconds(5));
        old.Release();
        OverrideOutcome refused = old.Set("s", "b", OverrideState.Disabled);
        Assert.Equal((OverrideError.NotStored, "nothing was changed: another process takes over, or has taken over: make the change there; "
            + "while it is still starting, try again in a moment"), (refused.Error, refused.Detail));

        OverrideStore next = Open();
        Assert.Equal(old.Find("s", "a"), next.Find("s", "a"));
        next.SetOrder("s", ["c"]);
        Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(("a b c", "c a b"), (Serves(oldComposer), Served));
        Assert.Equal([new OverrideKey("s")], OnDisk().All.Select(o => o.Key));
        Assert.DoesNotContain(Observer.Events, e => e.StartsWith("not stored", StringComparison.Ordinal));
    }

    [Fact]
    public void Reclaim_TheOtherProcessFails_WhatHoldsHereIsOnTheDiskAgain()
    {
        OverrideStore old = Open();
        old.Set("s", "a", OverrideState.Disabled);
        old.Release();
        // It has another configuration, does away with what that overtakes, and then ends.
        Open(Overridden.Configuration(("s", "b"))).Dispose();
        Assert.Equal(0, OnDisk().Count);

        old.Reclaim();

        Assert.Equal(1, OnDisk().Count);
        Assert.Equal(OverrideError.None, old.Set("s", "b", OverrideState.Disabled).Error);
        Assert.Equal(2, OnDisk().Count);
    }

    [Fact]
    public async Task Set_ByManyWithTheSameTag_ExactlyOneWins()
    {
        const int Operators = 8, Rounds = 25;
        OverrideStore store = Open();
        for (int round = 0; round < Rounds; round++)
        {
            string tag = store.Find("s", "a").Tag;
            using Barrier together = new(Operators);
            OverrideOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, Operators).Select(i => Task.Factory.StartNew(() =>
            {
                together.SignalAndWait();
                return store.Set("s", "a", OverrideState.Disabled, tag: tag, reason: $"{round}.{i}", author: $"operator {i}");
            }, TaskCreationOptions.LongRunning)));

            OverrideOutcome winner = Assert.Single(outcomes, o => o.Error == OverrideError.None);
            Assert.All(outcomes, o => Assert.Equal(winner.Tag, o.Tag));
            Assert.Equal(Operators - 1, outcomes.Count(o => o.Error == OverrideError.TagMismatch));
            Assert.Equal(winner.Tag, store.Find("s", "a").Tag);
            Assert.Equal(store.Find("s", "a").Set, OnDisk().Of("s", "a"));
        }
    }
}
