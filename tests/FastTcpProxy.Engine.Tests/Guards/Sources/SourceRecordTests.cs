using CsCheck;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>What goes over to another process: it says there what it said here, by that one's clock and later.</summary>
public sealed class SourceRecordTests
{
    private const long Second = 1_000_000;

    private static readonly SourceLimits Limits = new(3, TokenRate.Of(2, 6), new BanTerms(3, 5_000, 2_000, 16_000));

    /// <summary>Sources, what each of them did and when, how long the way takes, and how far the other clock is.</summary>
    private static readonly Gen<((int Source, int PauseMs, bool IsRefused)[] Steps, int ElapsedMs, int ClockMs)> Runs = Gen.Select(
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 300], Gen.Bool).Array[0, 200], Gen.Int[0, 10_000], Gen.Int[-5_000, 100_000]);

    [Fact]
    public void Restore_OfWhatWasRead_SaysWhatTheOtherTableSays() => Runs.Sample(run =>
    {
        SourceTable from = new(SourceTable.CapacityMin), to = new(SourceTable.CapacityMin);
        long nowUs = 20 * Second;
        foreach ((int source, int pauseMs, bool isRefused) in run.Steps)
        {
            nowUs += pauseMs * 1_000L;
            if (isRefused) from.Refuse(Key(source), Limits.Ban, nowUs);
            else from.Release(from.Admit(Key(source), Limits, nowUs).Handle, nowUs);
        }
        long laterUs = nowUs + run.ElapsedMs * 1_000L, otherUs = laterUs + run.ClockMs * 1_000L;
        foreach (SourceRecord record in ReadAll(from, nowUs)) Assert.True(to.Restore(record, run.ElapsedMs * 1_000L, otherUs));
        for (int i = 0; i <= 20; i++)
        {
            foreach (SourceKey key in new[] { Key(i), Key(i).Widen(56), Key(i).Widen(48) }.Distinct())
            {
                SourceState before = from.Peek(key, Limits, laterUs), after = to.Peek(key, Limits, otherUs);
                Assert.Equal((before.TokensLeft, before.Refusals, before.IsOffender, before.RoomAtUs - laterUs),
                    (after.TokensLeft, after.Refusals, after.IsOffender, after.RoomAtUs - otherUs));
                if (before.IsOffender) Assert.Equal(before.BanLevel, after.BanLevel);
            }
        }
        // And from then on: the same questions have the same answers.
        for (int i = 0; i < 60; i++)
        {
            SourceKey key = Key(i % 21);
            SourceAnswer before = from.Admit(key, Limits, laterUs += 77_000), after = to.Admit(key, Limits, otherUs += 77_000);
            Assert.Equal((before.Verdict, before.PrefixLength), (after.Verdict, after.PrefixLength));
            from.Release(before.Handle, laterUs);
            to.Release(after.Handle, otherUs);
        }
    });

    [Fact]
    public void Read_HasWhatMustBeKept_AndNothingElse()
    {
        SourceTable table = new(SourceTable.CapacityMin);
        SourceKey open = Key(0), spent = Key(1), refused = Key(2), gone = Key(3);
        table.Adopt(open, Second);
        table.Adopt(open, Second);
        table.Release(table.Admit(spent, Limits, Second).Handle, Second);
        table.Refuse(refused, Limits.Ban, Second);
        table.Release(table.Adopt(gone, Second), Second);
        Assert.Equal(
        [
            new SourceRecord(open, 2, 0, 0, false, 0, 0, 0, 0, false),
            new SourceRecord(spent, 0, 100_000, 0, false, 0, 0, 0, 0, true),
            new SourceRecord(refused, 0, 0, 1, false, 0, -400, 4_601, 0, false),
        ], ReadAll(table, Second + 400_000).OrderBy(r => r.Key.Low));
        Assert.Equal([open], ReadAll(table, 100 * Second).Select(r => r.Key));
    }

    [Fact]
    public void Restore_OfWhatIsKnown_KeepsWhatIsStricter()
    {
        SourceTable table = new(SourceTable.CapacityMin);
        table.Ban(Key(1), 100 * Second, Limits.Ban, Second);
        SourceRecord ban = new(Key(1), 0, 2 * Second, 0, true, 2, 50_000, 60_000, 0, false);
        Assert.True(table.Restore(ban, 0, Second));
        Assert.Equal((100 * Second, 2), (table.Peek(Key(1), Limits, Second).BannedUntilUs, table.Peek(Key(1), Limits, Second).TokensLeft));
        Assert.True(table.Restore(ban with { PenaltyInMs = 200_000, FullInUs = 1 }, Second, 3 * Second));
        Assert.Equal(202 * Second, table.Peek(Key(1), Limits, 3 * Second).BannedUntilUs);
    }

    /// <summary>Strangers that share the overflow share what is left of its bucket in the next process too.</summary>
    [Fact]
    public void Restore_OfTheOverflow_GivesNoBurst()
    {
        SourceTable from = new(SourceTable.CapacityMin), to = new(SourceTable.CapacityMin);
        SourceLimits rate = new(0, TokenRate.Of(1, 4), default);
        for (int i = 0; i < 3 * SourceTable.CapacityMin; i++) from.Adopt(Key(i), Second);
        for (int i = 0; i < 3; i++) Assert.True(from.Admit(Key(100_000 + i).InScope(2), rate, Second).IsOverflow);
        SourceRecord record = Assert.Single(ReadAll(from, Second), r => r.Key == SourceKey.OverflowOf(2));
        Assert.True(to.Restore(record with { Key = record.Key.InScope(3) }, 0, 7 * Second));
        Assert.Equal((1, 4), (to.Peek(SourceKey.OverflowOf(3), rate, 7 * Second).TokensLeft,
            to.Peek(SourceKey.OverflowOf(2), rate, 7 * Second).TokensLeft));
    }

    private static List<SourceRecord> ReadAll(SourceTable table, long nowUs)
    {
        List<SourceRecord> all = [];
        SourceRecord[] records = new SourceRecord[7];
        for (int position = 0; table.Read(ref position, records, nowUs) is > 0 and int count;) all.AddRange(records.AsSpan(0, count));
        return all;
    }

    private static SourceKey Key(int i) => i < 10
        ? SourceKey.Of(InetEndPoint.FromIPv4((uint)i, 0))
        : SourceKey.Of(InetEndPoint.FromIPv6(new UInt128(0x2001_0DB8_0000_0000 + (ulong)i, 0), 0));
}
