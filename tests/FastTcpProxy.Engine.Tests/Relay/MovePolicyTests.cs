using CsCheck;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>The policy of moves as tables, and what it promises for any traffic.</summary>
public sealed class MovePolicyTests
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;
    private const int Large = MovePolicy.WindowBytesMax;

    private static readonly int Fee = SpliceTerms.Measured.FeeBytes;
    private static readonly int Credit = SpliceTerms.Measured.CreditBytes;

    private static readonly Gen<(int Bytes, bool Filled, int Left)[]> Traffic =
        Gen.Select(Gen.OneOf(Gen.Int[1, 20 * KiB], Gen.Int[1, Large], Gen.Const(Large)), Gen.Bool,
            Gen.Frequency((8, Gen.Const(0.0)), (2, Gen.Double[0, 1])),
            (bytes, filled, rest) => (bytes, filled, (int)(bytes * rest))).Array[0, 400];

    [Fact]
    public void Constants_AreThoseOfTheDecision()
    {
        Assert.Equal((64 * KiB, 256 * KiB), (MovePolicy.WindowBytesMin, MovePolicy.WindowBytesMax));
        Assert.Equal(new SpliceTerms(16 * KiB, MiB, MiB, 256 * KiB), SpliceTerms.Measured);
    }

    [Fact]
    public void Window_FollowsWhatTheMovesDid()
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        AssertWindow(64 * KiB, bytes: 1000, filled: false, rest: 0);
        AssertWindow(128 * KiB, bytes: 64 * KiB, filled: true, rest: 0);
        AssertWindow(128 * KiB, bytes: 1000, filled: false, rest: 0);
        AssertWindow(256 * KiB, bytes: 128 * KiB, filled: true, rest: 0);
        AssertWindow(256 * KiB, bytes: 256 * KiB, filled: true, rest: 0);
        AssertWindow(64 * KiB, bytes: 256 * KiB, filled: true, rest: 1);
        AssertWindow(64 * KiB, bytes: 64 * KiB, filled: true, rest: 64 * KiB);

        void AssertWindow(int expected, int bytes, bool filled, int rest)
        {
            policy.OnMove(bytes, filled, rest);
            Assert.Equal(expected, policy.WindowBytes);
        }
    }

    [Fact]
    public void SpliceWindow_GrowsToAMebibyteWhileSplicingOnly()
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        for (int i = 0; i < 3; i++) policy.OnMove(64 * KiB, filled: true, rest: 0);
        Assert.Equal((false, 256 * KiB), (policy.Splices, policy.SpliceBytes));
        policy = Splicing();
        for (int i = 0; i < 5; i++) policy.OnMove(policy.SpliceBytes, filled: true, rest: 0);
        Assert.Equal((MiB, 256 * KiB), (policy.SpliceBytes, policy.WindowBytes));
        policy.OnMove(MiB, filled: true, rest: 1);
        Assert.Equal((64 * KiB, 64 * KiB), (policy.SpliceBytes, policy.WindowBytes));
    }

    [Theory]
    [InlineData(16 * KiB, -1)]
    [InlineData(17 * KiB, 1024)]
    [InlineData(32 * KiB, 64)]
    [InlineData(64 * KiB, 22)]
    [InlineData(256 * KiB, 5)]
    public void Splicing_MovesOfOneSize_BeginsAfterTheirNumber(int bytes, int expected)
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        int moves = 0;
        while (!policy.Splices && moves < 10_000)
        {
            policy.OnMove(bytes, filled: false, rest: 0);
            moves++;
        }
        Assert.Equal(expected, policy.Splices ? moves : -1);
    }

    [Theory]
    [InlineData(1, 65)]
    [InlineData(4 * KiB, 86)]
    [InlineData(16 * KiB, -1)]
    public void Splicing_SmallMovesAfterIt_EndsAfterTheirNumber(int bytes, int expected)
    {
        MovePolicy policy = Splicing();
        int moves = 0;
        while (policy.Splices && moves < 10_000)
        {
            policy.OnMove(bytes, filled: false, rest: 0);
            moves++;
        }
        Assert.Equal(expected, policy.Splices ? -1 : moves);
    }

    /// <summary>
    /// What a slow target leaves has to be copied after all: splicing continues as long as more than the fee goes through.
    /// </summary>
    [Theory]
    [InlineData(64 * KiB, 40 * KiB, -1)]
    [InlineData(64 * KiB, 48 * KiB, -1)]
    [InlineData(64 * KiB, 56 * KiB, 128)]
    [InlineData(64 * KiB, 64 * KiB, 64)]
    public void Splicing_TargetLeavesARest_EndsAfterTheirNumber(int bytes, int rest, int expected)
    {
        MovePolicy policy = Splicing();
        int moves = 0;
        while (policy.Splices && moves < 10_000)
        {
            policy.OnMove(bytes, filled: true, rest);
            moves++;
        }
        Assert.Equal(expected, policy.Splices ? -1 : moves);
    }

    /// <summary>Requests of 500 bytes, answers of 200 KiB in the pieces in which they come, ten thousand times.</summary>
    [Theory]
    [InlineData(200 * KiB, 64 * KiB, 40)]
    [InlineData(200 * KiB, 200 * KiB, 40)]
    [InlineData(1448, 1448, 0)]
    public void Splicing_SmallMessagesBetweenLargeOnes_DoesNotBegin(int largeBytes, int pieceBytes, int smallBetween)
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        for (int i = 0; i < 10_000; i++)
        {
            for (int left = largeBytes; left > 0; left -= pieceBytes) policy.OnMove(Math.Min(left, pieceBytes), filled: false, rest: 0);
            for (int j = 0; j < smallBetween; j++) policy.OnMove(500, filled: false, rest: 0);
            Assert.False(policy.Splices);
        }
    }

    [Fact]
    public void Splicing_AnyTraffic_BeginsAtMostOncePerCreditOfBytes() => Traffic.Sample(moves =>
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        int begun = 0;
        long bytes = 0;
        foreach ((int count, bool filled, int rest) in moves)
        {
            bool before = policy.Splices;
            policy.OnMove(count, filled, rest);
            bytes += count;
            if (policy.Splices && !before) begun++;
        }
        return begun <= bytes / Credit;
    });

    [Fact]
    public void Splicing_AnyTrafficBefore_SustainedBulkBeginsWithinFiveMovesAndSmallMessagesEndIt() => Traffic.Sample(moves =>
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        foreach ((int count, bool filled, int rest) in moves) policy.OnMove(count, filled, rest);
        for (int i = 0; i < 5; i++) policy.OnMove(Large, filled: true, rest: 0);
        bool begun = policy.Splices;
        for (int i = 0; i <= Credit / (Fee - 1500); i++) policy.OnMove(1500, filled: false, rest: 0);
        return begun && !policy.Splices;
    });

    [Fact]
    public void Splicing_MovesUpToTheFee_NeverBegins() => Gen.Int[1, Fee].Array[0, 400].Sample(moves =>
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        foreach (int bytes in moves) policy.OnMove(bytes, filled: false, rest: 0);
        return !policy.Splices;
    });

    private static MovePolicy Splicing()
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        for (int i = 0; i < 5; i++) policy.OnMove(Large, filled: true, rest: 0);
        Assert.True(policy.Splices);
        return policy;
    }
}
