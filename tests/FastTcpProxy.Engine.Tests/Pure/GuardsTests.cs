using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Who may in: the session limits, and sets of networks.</summary>
public sealed class GuardsTests
{
    [Theory]
    [InlineData(1, 0, 1, 0, nameof(GuardVerdict.Allow))]
    [InlineData(1_000_000, 0, 1_000_000, 0, nameof(GuardVerdict.Allow))]
    [InlineData(5, 5, 5, 5, nameof(GuardVerdict.Allow))]
    [InlineData(6, 5, 1, 0, nameof(GuardVerdict.ProcessFull))]
    [InlineData(1, 0, 6, 5, nameof(GuardVerdict.ServiceFull))]
    [InlineData(6, 5, 6, 5, nameof(GuardVerdict.ProcessFull))]
    public void AdmissionGuard_Counts_Verdict(int process, int processMax, int service, int serviceMax, string verdict) =>
        Assert.Equal(verdict, AdmissionGuard.Decide(process, processMax, service, serviceMax).ToString());

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.0/8", "9.255.255.255", false)]
    [InlineData("0.0.0.0/0", "203.0.113.7", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("192.0.2.7/32", "192.0.2.7", true)]
    [InlineData("192.0.2.7/32", "192.0.2.6", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("::1/128", "::1", true)]
    [InlineData("::1/128", "::2", false)]
    [InlineData("10.0.0.0/8 ::1/128", "::1", true)]
    [InlineData("", "10.0.0.1", false)]
    public void NetworkSet_Contains(string networks, string address, bool expected)
    {
        NetworkSet set = new(networks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPNetwork.Parse));
        Assert.Equal(expected, set.Contains(InetEndPoint.FromIPEndPoint(new IPEndPoint(IPAddress.Parse(address), 1))));
    }

    [Fact]
    public void NetworkSet_Unspecified_IsInNone() =>
        Assert.False(new NetworkSet([IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")]).Contains(default));

    [Fact]
    public void SessionLimits_AtCapacity_HasNoRoom()
    {
        SessionLimits limits = new(0, 2);
        limits.Sessions.Enter();
        Assert.True(limits.HasRoom);
        limits.Sessions.Enter();
        Assert.False(limits.HasRoom);
        limits.Sessions.Leave();
        Assert.True(limits.HasRoom);
    }
}
