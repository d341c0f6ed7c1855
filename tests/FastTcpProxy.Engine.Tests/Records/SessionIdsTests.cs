using System.Text;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Engine.Tests.Records;

/// <summary>Ids of sessions as text. Pure.</summary>
public sealed class SessionIdsTests
{
    private readonly SessionIds _ids = new(0x0102_a3f0_9c21_b7e4);

    [Theory]
    [InlineData(0, "a3f09c21b7e4-0")]
    [InlineData(1283, "a3f09c21b7e4-1283")]
    [InlineData(long.MaxValue, "a3f09c21b7e4-9223372036854775807")]
    public void Write_Number_IsReadBack(long number, string id)
    {
        Span<byte> text = stackalloc byte[SessionIds.LengthMax];

        Assert.Equal(id, Encoding.ASCII.GetString(text[.._ids.Write(number, text)]));
        Assert.Equal(id, _ids.ToText(number));
        Assert.True(_ids.TryRead(id, out long read));
        Assert.Equal(number, read);
        Assert.True(SessionIds.IsIdOrNumber(id));
    }

    [Theory]
    [InlineData("1283", true)]
    [InlineData("a3f09c21b7e5-1283", true)]
    [InlineData("A3F09C21B7E4-1283", false)]
    [InlineData("a3f09c21b7e4-", false)]
    [InlineData("a3f09c21b7e4--1", false)]
    [InlineData("a3f09c21b7e41283", false)]
    [InlineData("-1", false)]
    [InlineData("", false)]
    public void IsIdOrNumber_OtherTexts(string text, bool isOne)
    {
        Assert.Equal(isOne, SessionIds.IsIdOrNumber(text));
        Assert.Equal(text == "1283", _ids.TryRead(text, out _));
    }

    [Fact]
    public void Write_AllocatesNothing()
    {
        Span<byte> text = stackalloc byte[SessionIds.LengthMax];
        _ids.Write(1, text);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++) _ids.Write(i, text);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Random_TwoProcesses_HaveOthers() => Assert.NotEqual(SessionIds.Random().Process, SessionIds.Random().Process);
}
