using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Tests.Machine;

public sealed class DescriptorLimitTests
{
    [Theory]
    [InlineData(1_024, 64, 412)]
    [InlineData(20_000, 64, 9_900)]
    [InlineData(100, 64, 1)]
    [InlineData(1_000_000, 64, 10_000)]
    [InlineData(1_000_000, 5_001, 10_002)]
    public void ConnectionsMax_OfDescriptors_LeavesTheReserveAndIsEnough(int limit, int asked, int expected) =>
        Assert.Equal(expected, DescriptorLimit.ConnectionsMax(limit, asked));
}
