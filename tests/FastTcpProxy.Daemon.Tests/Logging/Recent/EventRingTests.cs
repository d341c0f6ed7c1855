using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Recent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Logging.Recent;

/// <summary>What the ring keeps, in which order, and what its readers get: at its limits too.</summary>
public sealed class EventRingTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly EventRing _ring;
    private readonly OperationalLog _log;

    public EventRingTests()
    {
        _ring = new EventRing(_time);
        _log = new OperationalLog(_time, _ring);
    }

    [Fact]
    public void Event_KeepsItsNumberLevelTextAndFields()
    {
        Events.UpstreamDown(_log, "mail", "primary", "connect refused");
        Events.AdminChange(_log, EventPart.Quote("anna"), EventPart.Quote("unix"), "override", EventPart.Quote("mail", " service="),
            EventPart.Quote("a\"b", " upstream="), EventPart.Quote("disabled"), EventPart.Quote(null, " reason="));

        List<RecentEvent> read = All();
        Assert.Equal(new RecentEvent(1, _time.GetUtcNow(), 5001, LogLevel.Warning, "mail", "primary", null, 1,
            "service mail: upstream primary is down: connect refused"), read[0]);
        Assert.Equal(new RecentEvent(2, _time.GetUtcNow(), 6200, LogLevel.Information, "mail", "a\"b", "anna", 1,
            "change: author=\"anna\" origin=\"unix\" change=override service=\"mail\" upstream=\"a\\\"b\" result=\"disabled\""), read[1]);
    }

    [Fact]
    public void Text_IsOneLineAndBounded()
    {
        Events.AdminTrouble(_log, "a\nb" + new string('x', 2 * EventRing.TextCharsMax), null);

        string text = Assert.Single(All()).Text;
        Assert.Equal(EventRing.TextCharsMax, text.Length);
        Assert.StartsWith("administrative interface: a\\u000ab", text);
    }

    [Fact]
    public void FullRing_LosesTheOldest_AndAReaderLearnsHowMany()
    {
        EventReader slow = _ring.ReadAll(withSteps: true);
        for (int i = 0; i < EventRing.EventsMax + 3; i++) Events.AdminServing(_log, $"{i}");

        List<RecentEvent> read = slow.Read(int.MaxValue);

        Assert.Equal(3, slow.Lost);
        Assert.Equal(EventRing.EventsMax, read.Count);
        Assert.Equal(Enumerable.Range(4, EventRing.EventsMax).Select(i => (long)i), read.Select(e => e.Sequence));
        Assert.Empty(slow.Read(1));
        Assert.Equal(0, slow.Lost);
    }

    [Fact]
    public void Steps_TakeNoRoomFromEvents_AndAreReadInOrder()
    {
        Events.AdminServing(_log, "first");
        for (int i = 0; i < EventRing.StepsMax + 2; i++) TakeStep($"{i}");
        Events.AdminServing(_log, "last");
        EventReader withSteps = _ring.ReadAll(withSteps: true), without = _ring.ReadAll(withSteps: false);

        List<RecentEvent> all = withSteps.Read(int.MaxValue);

        Assert.Equal(EventRing.StepsMax + 2, all.Count);
        Assert.Equal(all.OrderBy(e => e.Sequence), all);
        Assert.Equal([1, EventRing.StepsMax + 4], without.Read(int.MaxValue).Select(e => e.Sequence));
        Assert.Equal(0, without.Lost);
    }

    [Fact]
    public void EqualEvents_AreSummed_OneASecond()
    {
        for (int i = 0; i < 5; i++) Events.AdminServing(_log, "x");
        Events.AdminServing(_log, "y");
        Assert.Equal([1, 1], All().Select(e => e.Count));

        SecondPasses();
        Assert.Equal([(1, "x"), (1, "y"), (4, "x")], All().Select(e => (e.Count, e.Text[^1..])));
        Events.AdminServing(_log, "x");
        SecondPasses();
        Assert.Equal(1, All()[^1].Count);
        Assert.Equal(4, All().Count);
        SecondPasses();
        Events.AdminServing(_log, "x");

        // The second passed without one, so this one is kept at once.
        Assert.Equal(5, All().Count);
    }

    [Fact]
    public void MoreDifferentEvents_ThanAreSummed_AreKeptEach()
    {
        for (int i = 0; i < EventRing.SumsMax; i++) Events.AdminServing(_log, $"{i}");
        for (int i = 0; i < 2; i++) Events.AdminServing(_log, "beyond");
        for (int i = 0; i < 2; i++) Events.AdminServing(_log, "0");

        Assert.Equal(EventRing.SumsMax + 2, All().Count);
    }

    [Fact]
    public async Task Wait_EndsWithTheNextEventOfItsKind()
    {
        EventReader reader = _ring.ReadAfter(_ring.Newest, withSteps: false, out bool isWhole);
        Task waiting = reader.WaitAsync();
        TakeStep("not read");
        Assert.True(isWhole);
        Assert.Empty(reader.Read(1));

        Events.AdminServing(_log, "x");

        await waiting;
        Assert.Single(reader.Read(2));
        Assert.False(reader.WaitAsync().IsCompleted);
    }

    [Theory]
    [InlineData(1, false, EventRing.EventsMax)]
    [InlineData(2, true, EventRing.EventsMax)]
    [InlineData(EventRing.EventsMax, true, 2)]
    [InlineData(EventRing.EventsMax + 2, true, 0)]
    [InlineData(EventRing.EventsMax + 3, false, 0)]
    public void ReadAfter_BeginsBehindIt_AndSaysWhetherAllIsHeld(long sequence, bool isWhole, int count)
    {
        for (int i = 0; i < EventRing.EventsMax + 2; i++) Events.AdminServing(_log, $"{i}");

        EventReader reader = _ring.ReadAfter(sequence, withSteps: true, out bool whole);

        Assert.Equal(isWhole, whole);
        Assert.Equal(count, reader.Read(int.MaxValue).Count);
    }

    private void SecondPasses()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _ring.Settle();
    }

    private List<RecentEvent> All() => _ring.ReadAll(withSteps: true).Read(int.MaxValue);

    private void TakeStep(string text) =>
        ((IEventSink)_ring).Take(new OperationalEvent(_time.GetUtcNow(), LogLevel.Debug, new EventId(1), text, []));
}
