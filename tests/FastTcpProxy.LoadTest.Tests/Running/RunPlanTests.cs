using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Tests.Running;

public sealed class RunPlanTests
{
    [Theory]
    [InlineData(9_000, 20_000, 32_000, null)]
    [InlineData(10_000, 20_000, 32_000,
        "it needs 20300 descriptors a process and may have 20000: lower --rate, or raise the hard limit (ulimit -Hn 20300)")]
    [InlineData(9_000, 20_000, 9_299, "it needs 9300 ephemeral ports and has 9299: lower --rate, or widen net.ipv4.ip_local_port_range")]
    [InlineData(9_850, 20_000, 10_150, null)]
    public void Missing_OfConnections_SaysWhatAndWhatToDo(int connections, int descriptors, int ports, string? expected) =>
        Assert.Equal(expected, RunPlan.Missing(Needs.ForConnections(connections), descriptors, ports));
}
