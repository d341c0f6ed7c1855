using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>When a peer owes an answer, and for how long it has.</summary>
public sealed class UnansweredSendTests
{
    private const uint Open = 64_000;

    private static readonly SendState InFlight = new(100, 3, Open, 0, 10_000, 200);
    private static readonly SendState Unanswered = new(100, 0, 0, 2, 10_000, 10_000);
    private static readonly SendState Answered = new(100, 0, 0, 0, 90_000, 90_000);

    [Theory]
    [InlineData(3, Open, 0, 10, 10_000, true)]
    [InlineData(3, 0, 0, 200, 200, false)]
    [InlineData(3, 0, 0, 100_000, 200, true)]
    [InlineData(0, 0, 0, 100_000, 200_000, false)]
    [InlineData(0, 0, 2, 900, 2_000, true)]
    [InlineData(0, 0, 1, 100_000, 200_000, true)]
    [InlineData(0, 0, 1, 1_500, 2_000, false)]
    [InlineData(0, Open, 0, 5, 5, false)]
    public void OwesAnswer_Table(uint inFlight, uint window, int probes, uint sinceAnswer, uint sinceSend, bool owes) =>
        Assert.Equal(owes, new SendState(0, inFlight, window, probes, sinceAnswer, sinceSend).OwesAnswer);

    [Fact]
    public void Look_MissingFromLookToLook_AddsUp()
    {
        UnansweredSend send = default;
        Assert.Equal([0, 300, 600], new[] { send.Poll(InFlight, 300), send.Poll(InFlight, 300), send.Poll(InFlight, 300) });
        Assert.True(send.IsSentAgain);
    }

    [Fact]
    public void Look_VanishedBehindAClosedWindow_AddsUp()
    {
        UnansweredSend send = default;
        Assert.Equal([0, 300], new[] { send.Poll(Unanswered, 300), send.Poll(Unanswered, 300) });
        // The kernel's own limit would count the time in which the probes were answered.
        Assert.False(send.IsSentAgain);
    }

    [Fact]
    public void Look_ProbesAreAnswered_NeverCounts()
    {
        UnansweredSend send = default;
        // A look can fall between a probe and its answer.
        Assert.Equal([0, 0, 0, 0],
            new[] { send.Poll(Unanswered, 300), send.Poll(Answered, 300), send.Poll(Unanswered, 300), send.Poll(Answered, 300) });
        Assert.False(send.IsSentAgain);
    }

    [Fact]
    public void Look_SomethingIsAcknowledged_BeginsAnew()
    {
        UnansweredSend send = default;
        send.Poll(InFlight, 300);
        Assert.Equal(300, send.Poll(InFlight, 300));
        Assert.Equal(0, send.Poll(InFlight with { AckedBytes = 101 }, 300));
        Assert.Equal(300, send.Poll(InFlight with { AckedBytes = 101 }, 300));
        send.Clear();
        Assert.Equal(0, send.Poll(InFlight with { AckedBytes = 101 }, 300));
    }

    [Fact]
    public void HasTaken_BytesAreAcknowledgedBetweenTwoPolls_IsTrue()
    {
        UnansweredSend send = default;
        send.Poll(Answered, 300);
        send.Poll(Answered, 300);
        Assert.False(send.HasTaken);
        send.Poll(Answered with { AckedBytes = 101 }, 300);
        Assert.True(send.HasTaken);
        send.Clear();
        Assert.False(send.HasTaken);
    }
}
