using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Running;

namespace FastTcpProxy.Benchmarks.Tests.Gate;

/// <summary>The table that strace prints.</summary>
public sealed class SystemCallCountTests
{
    private const string Table =
        """
        % time     seconds  usecs/call     calls    errors syscall
        ------ ----------- ----------- --------- --------- ----------------
         73.09    6.537080        5254      1244       547 futex
          1.32    0.117786          16      3000      1702 recvfrom
          0.74    0.065896          18      2058           epoll_wait
          0.56    0.049410          24       900           sendto
        ------ ----------- ----------- --------- --------- ----------------
        100.00    8.943532         257      7202      2249 total
        """;

    [Fact]
    public void Parse_Table_GivesCallsByName()
    {
        IReadOnlyDictionary<string, long> calls = SystemCallCount.Parse(Table);
        Assert.Equal(4, calls.Count);
        Assert.Equal(3000, calls["recvfrom"]);
        Assert.Equal(900, calls["sendto"]);
    }

    [Fact]
    public void OfTheProxy_WaitsAndTheRuntimesOwn_AreLeftOut() =>
        Assert.Equal(3900, SystemCallCount.OfTheProxy(SystemCallCount.Parse(Table)));

    [Fact]
    public void OfTheProxy_CallThatNobodyKnewOf_IsCounted() =>
        Assert.Equal(7, SystemCallCount.OfTheProxy(new Dictionary<string, long> { ["futex"] = 5, ["fcntl_of_tomorrow"] = 7 }));

    [Fact]
    public void Parse_NothingCounted_IsNoFigure() => Assert.Throws<GateException>(() => SystemCallCount.Parse(""));
}
