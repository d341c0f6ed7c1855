using CsCheck;
using FastTcpProxy.Engine.Relay;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>The policy of moves as tables, and what it promises for any traffic.</summary>
public sealed class MovePolicyTests
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;
    private const int Large = MovePolicy.LargeWindowBytes;

    private static readonly int Fee = SpliceTerms.Measured.FeeBytes;
    private static readonly int Credit = SpliceTerms.Measured.CreditBytes;

    private static readonly Gen<(int Bytes, bool Filled, bool Blocked)[]> Traffic =
        Gen.Select(Gen.OneOf(Gen.Int[1, 20 * KiB], Gen.Int[1, Large], Gen.Const(Large)), Gen.Bool, Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true))),
            (bytes, filled, blocked) => (bytes, filled, blocked)).Array[0, 400];

    [Fact]
    public void Constants_AreThoseOfTheDecision()
    {
        Assert.Equal((64 * KiB, 256 * KiB), (MovePolicy.SmallWindowBytes, MovePolicy.LargeWindowBytes));
        Assert.Equal((16 * KiB, MiB), (Fee, Credit));
    }

    [Fact]
    public void Window_FollowsWhatTheMovesDid()
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        Assert.Equal(MovePolicy.SmallWindowBytes, policy.WindowBytes);
        policy.OnMove(1000, filled: false, blocked: false);
        Assert.Equal(MovePolicy.SmallWindowBytes, policy.WindowBytes);
        policy.OnMove(MovePolicy.SmallWindowBytes, filled: true, blocked: false);
        Assert.Equal(MovePolicy.LargeWindowBytes, policy.WindowBytes);
        policy.OnMove(1000, filled: false, blocked: false);
        Assert.Equal(MovePolicy.LargeWindowBytes, policy.WindowBytes);
        policy.OnMove(Large, filled: true, blocked: true);
        Assert.Equal(MovePolicy.SmallWindowBytes, policy.WindowBytes);
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
            policy.OnMove(bytes, filled: false, blocked: false);
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
            policy.OnMove(bytes, filled: false, blocked: false);
            moves++;
        }
        Assert.Equal(expected, policy.Splices ? -1 : moves);
    }

    [Fact]
    public void Splicing_TargetBlocks_EndsAtTheFourthTimeInARowAndNotAtOneNowAndThen()
    {
        MovePolicy policy = Splicing();
        for (int i = 0; i < 100; i++)
        {
            policy.OnMove(Large, filled: true, blocked: i % 3 == 0);
            Assert.True(policy.Splices);
        }
        policy = Splicing();
        for (int i = 1; i <= 4; i++)
        {
            policy.OnMove(Large, filled: true, blocked: true);
            Assert.Equal(i < 4, policy.Splices);
        }
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
            for (int left = largeBytes; left > 0; left -= pieceBytes) policy.OnMove(Math.Min(left, pieceBytes), filled: false, blocked: false);
            for (int j = 0; j < smallBetween; j++) policy.OnMove(500, filled: false, blocked: false);
            Assert.False(policy.Splices);
        }
    }

    [Fact]
    public void Splicing_AnyTraffic_BeginsAtMostOncePerCreditOfBytes() => Traffic.Sample(moves =>
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        int begun = 0;
        long bytes = 0;
        foreach ((int count, bool filled, bool blocked) in moves)
        {
            bool before = policy.Splices;
            policy.OnMove(count, filled, blocked);
            bytes += count;
            if (policy.Splices && !before) begun++;
        }
        return begun <= bytes / Credit;
    });

    [Fact]
    public void Splicing_AnyTrafficBefore_SustainedBulkBeginsWithinFiveMovesAndSmallMessagesEndIt() => Traffic.Sample(moves =>
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        foreach ((int count, bool filled, bool blocked) in moves) policy.OnMove(count, filled, blocked);
        for (int i = 0; i < 5; i++) policy.OnMove(Large, filled: true, blocked: false);
        bool begun = policy.Splices;
        for (int i = 0; i <= Credit / (Fee - 1500); i++) policy.OnMove(1500, filled: false, blocked: false);
        return begun && !policy.Splices;
    });

    [Fact]
    public void Splicing_MovesUpToTheFee_NeverBegins() => Gen.Int[1, Fee].Array[0, 400].Sample(moves =>
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        foreach (int bytes in moves) policy.OnMove(bytes, filled: false, blocked: false);
        return !policy.Splices;
    });

    private static MovePolicy Splicing()
    {
        MovePolicy policy = new(SpliceTerms.Measured);
        for (int i = 0; i < 5; i++) policy.OnMove(Large, filled: true, blocked: false);
        Assert.True(policy.Splices);
        return policy;
    }
}
