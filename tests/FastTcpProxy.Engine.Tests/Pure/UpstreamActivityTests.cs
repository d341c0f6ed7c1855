using System.Collections.Immutable;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>The memory of the last connects to an upstream.</summary>
public sealed class UpstreamActivityTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 1, 2, 3, 456, TimeSpan.Zero);

    [Fact]
    public void LastAttempts_None_IsEmpty() => Assert.Empty(new UpstreamActivity().LastAttempts());

    [Fact]
    public void LastAttempts_EveryOutcome_ComesBackAsItWas()
    {
        foreach (AttemptOutcome outcome in Enum.GetValues<AttemptOutcome>())
        {
            UpstreamActivity activity = new();
            activity.Note(0, outcome, Start.ToUnixTimeMilliseconds(), 17);
            Assert.Equal([new AttemptView(outcome, Start, 17)], activity.LastAttempts());
        }
    }

    [Fact]
    public void LastAttempts_MoreThanAreKept_AreTheLatestOnesLatestFirst()
    {
        UpstreamActivity activity = new();
        for (int i = 0; i < UpstreamActivity.AttemptsMax + 3; i++)
            activity.Note(i % 2, AttemptOutcome.Refused, Start.AddSeconds(i).ToUnixTimeMilliseconds(), i);
        Assert.Equal([6, 5, 4, 3], activity.LastAttempts().Select(a => a.TookMs));
        Assert.Equal(Start.AddSeconds(6), activity.LastAttempts()[0].At);
    }

    [Theory]
    [InlineData(UpstreamActivity.TookMsMax, UpstreamActivity.TookMsMax)]
    [InlineData(UpstreamActivity.TookMsMax + 1L, UpstreamActivity.TookMsMax)]
    [InlineData(long.MaxValue, UpstreamActivity.TookMsMax)]
    public void Note_LongerThanCanBeSaid_IsTheLongest(long took, int said)
    {
        UpstreamActivity activity = new();
        activity.Note(0, AttemptOutcome.TimedOut, Start.ToUnixTimeMilliseconds(), took);
        Assert.Equal([new AttemptView(AttemptOutcome.TimedOut, Start, said)], activity.LastAttempts());
    }

    [Theory]
    [InlineData("2019-12-31T23:59:59Z", "2020-01-01T00:00:00Z")]
    [InlineData("2089-01-01T00:00:00Z", "2089-01-01T00:00:00Z")]
    public void Note_AtTheEndsOfTime_SpoilsNothingElse(string at, string said)
    {
        UpstreamActivity activity = new();
        activity.Note(0, AttemptOutcome.Abandoned, DateTimeOffset.Parse(at, null).ToUnixTimeMilliseconds(), UpstreamActivity.TookMsMax);
        Assert.Equal([new AttemptView(AttemptOutcome.Abandoned, DateTimeOffset.Parse(said, null), UpstreamActivity.TookMsMax)],
            activity.LastAttempts());
    }

    [Fact]
    public void Note_OfSeveralLoops_EverySlotIsWhole()
    {
        const int Writes = 200_000;
        UpstreamActivity activity = new();
        int running = 2;
        Thread[] writers = [.. Enumerable.Range(0, 2).Select(w => new Thread(() =>
        {
            // Outcome and time say the same number as the duration does.
            for (int i = 0; i < Writes; i++)
                activity.Note(w, (AttemptOutcome)(i % 9), Start.AddMilliseconds(i % 9).ToUnixTimeMilliseconds(), i % 9);
            Interlocked.Decrement(ref running);
        }))];
        foreach (Thread writer in writers) writer.Start();
        int torn = 0;
        do
        {
            torn += activity.LastAttempts().Count(a => (int)a.Outcome != a.TookMs || (a.At - Start).TotalMilliseconds != a.TookMs);
        }
        while (Volatile.Read(ref running) > 0);
        foreach (Thread writer in writers) writer.Join();
        Assert.Equal((0, UpstreamActivity.AttemptsMax), (torn, activity.LastAttempts().Length));
    }

    [Fact]
    public void Definition_CopiedByWith_KeepsItsActivity()
    {
        UpstreamDefinition definition = new("a", HeaderMode.Raw, ImmutableArray<UpstreamAddress>.Empty);
        Assert.Same(definition.Activity, (definition with { Mode = HeaderMode.ProxyV2 }).Activity);
        Assert.NotSame(definition.Activity, new UpstreamDefinition("a", HeaderMode.Raw, []).Activity);
    }
}
