using FastTcpProxy.Control.Entries;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Tests.Entries;

/// <summary>What a change does, and what is refused.</summary>
public sealed class EntryStoreTests : EntryBed
{
    [Fact]
    public void Set_IsInForceAtOnce_AndRemovedLikewise()
    {
        EntryStore store = Open();

        EntryOutcome made = Set(store, Deny("192.0.2.0/24"), reason: "spam");

        Assert.Equal(EntryError.None, made.Error);
        Assert.Equal(NetworkAction.Deny, Says("192.0.2.7"));
        Assert.Null(Says("192.0.3.7"));
        Assert.Equal(EntryError.None, Set(store, Key("192.0.2.7", NetworkAction.Allow)).Error);
        Assert.Equal(NetworkAction.Allow, Says("192.0.2.7"));
        Assert.Equal(["deny 192.0.2.0/24", "allow 192.0.2.7"], Listed(store));
        Assert.Equal(EntryError.None, store.Remove(Deny("192.0.2.0/24")).Error);
        Assert.Null(Says("192.0.2.8"));
        Assert.Equal(EntryError.NotFound, store.Remove(Deny("192.0.2.0/24")).Error);
    }

    [Fact]
    public async Task Set_AsksForTheSessionsOfDeniedClients_OnceForMany()
    {
        EntryStore store = Open();

        for (int i = 0; i < 10; i++) Set(store, Deny($"192.0.2.{i}"));
        for (int i = 0; i < 1_000 && Sweeps == 0; i++)
        {
            Time.Advance(EntryLimits.SweepPause);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, Sweeps);
    }

    [Fact]
    public void SetAgain_ChangesEndAndReason_AndKeepsWhenItWasMade()
    {
        EntryStore store = Open();
        StoredEntry first = Set(store, Deny("2001:db8::/32")).Entry!;
        Time.Advance(TimeSpan.FromMinutes(1));

        StoredEntry second = Set(store, Deny("2001:db8::/32"), store.Now.AddHours(1), "again").Entry!;

        Assert.Equal(first.Created, second.Created);
        Assert.True(second.Revision > first.Revision);
        Assert.Equal("again", Assert.Single(store.List(new EntryFilter(), 0, 10).Entries).Reason);
        Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(2));
        Assert.Null(Says("2001:db8::1"));
        Assert.Empty(Listed(store));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void Expiry_IsATimeOfTheWallClock_AlsoWhenThatIsSet()
    {
        EntryStore store = Open();
        Set(store, Deny("192.0.2.1"), store.Now.AddHours(1));

        Time.SetWallClock(TimeSpan.FromMinutes(59));
        Tick();
        Assert.Equal(NetworkAction.Deny, Says("192.0.2.1"));
        Time.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));

        Assert.Null(Says("192.0.2.1"));
        Assert.Empty(Listed(store));
    }

    [Fact]
    public void WrongChange_IsRefusedWithWhatWasExpected()
    {
        EntryStore store = Open();

        Assert.Equal("the reason has 201 characters, expected at most 200",
            Set(store, Deny("192.0.2.1"), reason: new string('x', 201)).Detail);
        Assert.Contains("contains a control character", Set(store, Deny("192.0.2.1"), reason: "a\nb").Detail);
        Assert.Equal("2026-03-01T11:59:59Z is in the past, expected a time after 2026-03-01T12:00:00Z",
            Set(store, Deny("192.0.2.1"), store.Now.AddSeconds(-1)).Detail);
        EntryOutcome unknown = Set(store, Deny("192.0.2.1", "mial"));
        Assert.Equal((EntryError.NotFound, "there is no service \"mial\", expected one of s, t"), (unknown.Error, unknown.Detail));
        Assert.Empty(Listed(store));
        Assert.Null(Says("192.0.2.1"));
    }

    [Fact]
    public void Flush_RemovesWhatIsMeant()
    {
        EntryStore store = Open();
        Set(store, Deny("192.0.2.1"));
        Set(store, Deny("192.0.2.2", "s"));
        Set(store, Key("192.0.2.3", NetworkAction.Allow));

        Assert.Equal(1, store.Flush(new EntryFilter(NetworkAction.Deny, "s")).Count);
        Assert.Null(Says("192.0.2.2"));
        Assert.Equal(NetworkAction.Deny, Says("192.0.2.1"));
        Assert.Equal(2, store.Flush(new EntryFilter()).Count);
        Assert.Null(Says("192.0.2.3"));
        Assert.Equal(0, Guards.Entries.Count);
    }

    [Fact]
    public void Import_IsTakenWhole_OrNotAtAll()
    {
        EntryStore store = Open();
        Set(store, Deny("192.0.2.1"), reason: "first");

        EntryOutcome refused = store.Import([new(Deny("192.0.2.9"), null, ""), new(Deny("192.0.2.8", "none"), null, "")], "root");
        EntryOutcome taken = store.Import(
            [new(Deny("192.0.2.1"), null, "list"), new(Deny("192.0.2.9"), null, "list"), new(Deny("192.0.2.9"), null, "last")], "root");

        Assert.Equal(EntryError.NotFound, refused.Error);
        Assert.Equal(2, taken.Count);
        Assert.Equal(["list", "last"], store.List(new EntryFilter(), 0, 10).Entries.Select(e => e.Reason));
        Assert.Equal(NetworkAction.Deny, Says("192.0.2.9"));
        Assert.Null(Says("192.0.2.8"));
    }

    [Fact]
    public void List_GoesOnAfterARevision()
    {
        EntryStore store = Open();
        for (int i = 0; i < 5; i++) Set(store, Deny($"192.0.2.{i}"));

        EntryPage first = store.List(new EntryFilter(), 0, 2);
        EntryPage last = store.List(new EntryFilter(), first.Entries[^1].Revision, 3);

        Assert.True(first.HasMore);
        Assert.False(last.HasMore);
        Assert.Equal((5, 5), (first.Total, last.Total));
        Assert.Equal(Listed(store).AsEnumerable(), first.Entries.Concat(last.Entries).Select(e => e.Key.ToString()));
    }

    [Fact]
    public void Since_HasTheChanges_UntilThereAreTooMany()
    {
        EntryStore store = Open();
        long begin = store.List(new EntryFilter(), 0, 1).Revision;
        Set(store, Deny("192.0.2.1"));
        store.Remove(Deny("192.0.2.1"));

        Assert.Equal([(true, "deny 192.0.2.1"), (false, "deny 192.0.2.1")],
            store.Since(begin, 10, out long now)!.Value.Select(c => (c.Entry is not null, c.Key.ToString())));
        Assert.Empty(store.Since(now, 10, out _)!.Value);
        Assert.Null(store.Since(now + 1, 10, out _));
        store.Import(Enumerable.Range(0, EntryLimits.ChangesMax).Select(i => new EntryWish(Deny($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}"),
            null, "")), "root");
        Assert.Equal(3, store.Since(now, 3, out _)!.Value.Length);
        Set(store, Deny("192.0.2.2"));
        Assert.Null(store.Since(now, 3, out _));
        store.Flush(new EntryFilter());
        Assert.Null(store.Since(now + 10, 3, out _));
    }

    [Fact]
    public void OneNetwork_HasNoMoreEntriesThanItsTableTakes()
    {
        EntryStore store = Open();
        int taken = 0;
        foreach (NetworkAction action in (NetworkAction[])[NetworkAction.Deny, NetworkAction.Allow])
        {
            foreach (string? service in (string?[])[null, "s"]) taken += Set(store, Key("192.0.2.1", action, service)).Count;
        }
        Assert.Equal(4, taken);
        // Of other owners.
        for (uint number = 1; number <= NetworkTable.SameNetworkMax; number++)
            Guards.Entries.Set(new NetworkEntry(Deny("192.0.2.9").Network, NetworkAction.Deny, number), 0);

        EntryOutcome refused = Set(store, Deny("192.0.2.9"));

        Assert.Equal(EntryError.Full, refused.Error);
        Assert.StartsWith("network 192.0.2.9 would have more than 64 entries", refused.Detail);
        Assert.DoesNotContain("deny 192.0.2.9", Listed(store));
    }
}
