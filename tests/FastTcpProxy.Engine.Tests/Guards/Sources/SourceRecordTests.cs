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
            new SourceRecord { Key = open, Sessions = 2 },
            new SourceRecord { Key = spent, FullInUs = 100_000 },
            new SourceRecord { Key = refused, Refusals = 1, PenaltyInMs = -400, PenaltyEndInMs = 4_601 },
        ], ReadAll(table, Second + 400_000).OrderBy(r => r.Key.Low));
        Assert.Equal([open], ReadAll(table, 100 * Second).Select(r => r.Key));
    }

    [Fact]
    public void Restore_OfWhatIsKnown_KeepsWhatIsStricter()
    {
        SourceTable table = new(SourceTable.CapacityMin);
        table.Ban(Key(1), 100 * Second, Limits.Ban, Second);
        SourceRecord ban = new()
        {
            Key = Key(1),
            FullInUs = 2 * Second,
            IsBan = true,
            Level = 2,
            PenaltyInMs = 50_000,
            PenaltyEndInMs = 60_000,
        };
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

    [Fact]
    public void Restore_OfBytesAndRank_SaysWhatTheOtherTableSays()
    {
        SourceTable from = new(SourceTable.CapacityMin), to = new(SourceTable.CapacityMin);
        SourceLimits limits = Limits with { FromClient = ByteRate.Of(100, 50), ToClient = ByteRate.Of(1_000, 10) };
        SourceHandle handle = from.Admit(Key(1), limits, Second).Handle;
        from.TakeBytes(handle, isFromClient: true, 350, limits, Second);
        from.TakeBytes(handle, isFromClient: false, 2_010, limits, Second);
        from.Release(handle, Second, wasServed: true);
        from.Vouch(Key(2), 60 * Second, Second);
        foreach (SourceRecord record in ReadAll(from, Second)) Assert.True(to.Restore(record, Second, 70 * Second));
        SourceState served = to.Peek(Key(1), limits, 70 * Second);
        Assert.Equal((2 * Second, Second, SourceRank.Served), (served.RestFromClientUs, served.RestToClientUs, served.Rank));
        Assert.Equal(SourceRank.Vouched, to.Peek(Key(2), limits, 127 * Second).Rank);
        Assert.Equal(SourceRank.Stranger, to.Peek(Key(2), limits, 129 * Second).Rank);
    }

    [Fact]
    public void TryRead_OfWhatWasWritten_IsTheSame() => Gen.Select(Gen.Int[0, 20], Gen.Int[0, 4_096], Gen.Long[0, (1L << 44) - 1],
            Gen.Long[-(1L << 44) + 1, (1L << 44) - 1], Gen.Int[0, 4_000_000], Gen.Int[0, int.MaxValue], Gen.Bool)
        .Sample((source, scope, time, penaltyInMs, small, big, isIt) =>
        {
            SourceRecord record = new()
            {
                Key = (source == 0 ? SourceKey.OverflowOf(0) : Key(source)).InScope(scope),
                Sessions = small,
                FullInUs = time,
                FromClientFullInUs = time / 2,
                ToClientFullInUs = time / 3,
                Refusals = small % 65_536,
                IsBan = isIt,
                Level = small % 32,
                PenaltyInMs = penaltyInMs,
                PenaltyEndInMs = time / 5,
                LastSeenAgoS = big,
                VouchedInS = big / 2,
                WasServed = !isIt,
            };
            byte[] bytes = new byte[SourceRecord.Bytes];
            record.Write(bytes);
            Assert.True(SourceRecord.TryRead(bytes, out SourceRecord read));
            Assert.Equal(record, read);
        });

    /// <summary>Whatever comes from outside: it is refused, or a table can take it and says no nonsense.</summary>
    [Fact]
    public void TryRead_OfAnyBytes_IsRefusedOrCanBeRestored() => Gen.Select(Gen.Byte.Array[SourceRecord.Bytes], Gen.Byte.Array[20])
        .Sample((bytes, mask) =>
        {
            // Mostly zeros, or nothing would ever be valid.
            for (int i = 0; i < bytes.Length; i++) bytes[i] &= (byte)(mask[i % mask.Length] < 200 ? 0 : 0xFF);
            if (!SourceRecord.TryRead(bytes, out SourceRecord record)) return;
            Assert.Equal(record.Key, SourceKeyAgain(record.Key));
            _anyTable.Restore(record, 0, Second);
            Assert.True(_anyTable.Peek(record.Key, Limits, Second).RoomAtUs >= Second);
        }, iter: 20_000, threads: 1);

    [Theory]
    [InlineData(12, 1)] // High bits of an IPv4 address.
    [InlineData(16, 3)] // A scope beyond the last.
    [InlineData(18, 33)] // A prefix of 33.
    [InlineData(19, 9)] // A flag that there is not.
    [InlineData(23, 0x80)] // Sessions below 0.
    [InlineData(30, 0x10)] // A time beyond what can be.
    [InlineData(75, 4)] // A flag that there is not.
    public void TryRead_OfWhatCannotBe_IsRefused(int at, byte value)
    {
        byte[] bytes = new byte[SourceRecord.Bytes];
        new SourceRecord { Key = Key(1).InScope(4_096) }.Write(bytes);
        Assert.True(SourceRecord.TryRead(bytes, out _));
        bytes[at] = value;
        Assert.False(SourceRecord.TryRead(bytes, out _));
    }

    private readonly SourceTable _anyTable = new(SourceTable.CapacityMin);

    private static SourceKey SourceKeyAgain(SourceKey key) =>
        key.IsOverflow ? SourceKey.OverflowOf(key.Scope) : key.Widen(key.PrefixLength).InScope(key.Scope);

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
