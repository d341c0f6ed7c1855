using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>Whose bytes are counted together, and for how long their sessions rest.</summary>
public sealed class SourceBytesTests
{
    private const long Second = 1_000_000;

    private static readonly SourceLimits Limits =
        new(0, default, new BanTerms(3, 60_000, 60_000, 60_000), ByteRate.Of(1_000, 1_000), ByteRate.Of(2_000, 1_000));

    private readonly SourceTable _table = new(SourceTable.CapacityMin);

    [Fact]
    public void TakeBytes_OfTwoSessions_CountTogether()
    {
        SourceHandle first = Admitted("192.0.2.1:1"), second = Admitted("192.0.2.1:2"), other = Admitted("192.0.2.2:1");
        Assert.Equal(0, _table.TakeBytes(first, isFromClient: true, 1_000, Limits, Second));
        Assert.Equal(Second, _table.TakeBytes(second, isFromClient: true, 1_000, Limits, Second));
        Assert.Equal(Second, _table.TakeBytes(first, isFromClient: true, 0, Limits, Second));
        Assert.Equal(0, _table.TakeBytes(first, isFromClient: true, 0, Limits, 2 * Second));
        Assert.Equal(0, _table.TakeBytes(other, isFromClient: true, 1_000, Limits, Second));
    }

    [Fact]
    public void TakeBytes_OfTheOtherDirection_CountApart()
    {
        SourceHandle handle = Admitted("192.0.2.1:1");
        Assert.Equal(Second, _table.TakeBytes(handle, isFromClient: true, 2_000, Limits, Second));
        Assert.Equal(Second / 2, _table.TakeBytes(handle, isFromClient: false, 2_000, Limits, Second));
        SourceState state = _table.Peek(Key("192.0.2.1:1"), Limits, Second);
        Assert.Equal((Second, Second / 2), (state.RestFromClientUs, state.RestToClientUs));
    }

    [Fact]
    public void TakeBytes_WithoutLimitOrHandle_DoesNotRest()
    {
        SourceHandle handle = Admitted("192.0.2.1:1");
        Assert.Equal(0, _table.TakeBytes(handle, isFromClient: true, long.MaxValue, default, Second));
        Assert.Equal(0, _table.TakeBytes(default, isFromClient: true, long.MaxValue, Limits, Second));
        Assert.Equal(0, _table.TakeBytes(handle, isFromClient: true, 1_000, Limits, Second));
    }

    /// <summary>Offenders of one site share its bytes too, and what each of them has taken before stays its own.</summary>
    [Fact]
    public void TakeBytes_OfOffendersOfASite_CountTogether()
    {
        _table.Refuse(Key("[2001:db8:0:1::1]:1"), Limits.Ban, Second);
        _table.Refuse(Key("[2001:db8:0:2::1]:1"), Limits.Ban, Second);
        SourceHandle first = Admitted("[2001:db8:0:1::1]:1"), second = Admitted("[2001:db8:0:2::1]:1");
        SourceHandle good = Admitted("[2001:db8:0:3::1]:1");
        Assert.Equal(0, _table.TakeBytes(first, isFromClient: true, 1_000, Limits, Second));
        Assert.Equal(Second, _table.TakeBytes(second, isFromClient: true, 1_000, Limits, Second));
        Assert.Equal(0, _table.TakeBytes(good, isFromClient: true, 1_000, Limits, Second));
    }

    /// <summary>Sources for which there is no room share one bucket.</summary>
    [Fact]
    public void TakeBytes_OfTheOverflow_CountTogether()
    {
        for (int i = 0; i < 3 * SourceTable.CapacityMin; i++) _table.Adopt(Key($"10.0.{i / 200}.{i % 200}:1"), Second);
        SourceHandle first = Admitted("192.0.2.1:1"), second = Admitted("192.0.2.2:1");
        Assert.Equal(0, _table.TakeBytes(first, isFromClient: true, 1_000, Limits, Second));
        Assert.Equal(Second, _table.TakeBytes(second, isFromClient: true, 1_000, Limits, Second));
    }

    /// <summary>The next source of an entry does not pay for the one before.</summary>
    [Fact]
    public void TakeBytes_OfAnEvictedSource_AreNotTheNextOnes()
    {
        for (int i = 0; i < 5 * SourceTable.CapacityMin; i++)
        {
            SourceHandle handle = Admitted($"10.0.{i / 200}.{i % 200}:1");
            Assert.Equal(Second, _table.TakeBytes(handle, isFromClient: true, 2_000, Limits, Second));
            _table.Release(handle, Second);
        }
    }

    private static SourceKey Key(string client) => SourceKey.Of(SourceKeyTests.End(client));

    private SourceHandle Admitted(string client)
    {
        SourceAnswer answer = _table.Admit(Key(client), Limits, Second);
        Assert.True(answer.IsAdmitted);
        return answer.Handle;
    }
}
