using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Tests.Machine;

public sealed class AffinityTests
{
    [Theory]
    [InlineData(new[] { 0, 1 }, new[] { 0 }, new[] { 0 }, new[] { 1 })]
    [InlineData(new[] { 0, 1, 2, 3 }, new[] { 0, 1 }, new[] { 0 }, new[] { 2, 3 })]   // 1 is the other half of core 0
    [InlineData(new[] { 4, 5 }, new[] { 4, 5 }, new[] { 4 }, new[] { 5 })]           // nothing but the other half
    [InlineData(new[] { 3 }, new[] { 3 }, new int[0], new int[0])]                    // nothing to keep apart
    public void Divide_Cpus_KeepsTheLoadOffTheProxysCore(int[] allowed, int[] siblings, int[] proxy, int[] load)
    {
        (int[] first, int[] others) = Affinity.Divide(allowed, _ => siblings);
        Assert.Equal(proxy, first);
        Assert.Equal(load, others);
    }

    [Theory]
    [InlineData("0\n", new[] { 0 })]
    [InlineData("0-2,8,10-11\n", new[] { 0, 1, 2, 8, 10, 11 })]
    [InlineData("", new int[0])]
    public void ParseList_OfTheKernel_IsRead(string text, int[] cpus) => Assert.Equal(cpus, Affinity.ParseList(text));

    [Fact]
    public void On_Cpu_RunsThereAndGoesBack()
    {
        int[] before = Affinity.Current;
        Assert.Equal([before[^1]], Affinity.On([before[^1]], () => Affinity.Current));
        Assert.Equal(before, Affinity.Current);
    }

    [Fact]
    public void Set_NoSuchCpu_SaysSo() =>
        Assert.Contains("cannot run on CPU 1023", Assert.Throws<InvalidOperationException>(() => Affinity.Set([1_023])).Message);
}
