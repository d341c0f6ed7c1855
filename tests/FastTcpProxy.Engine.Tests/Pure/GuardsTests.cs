using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Who may in: the session limits, and sets of networks.</summary>
public sealed class GuardsTests
{
    [Theory]
    [InlineData(true, true, false, false, false, AdmissionVerdict.Serve)]
    [InlineData(true, true, true, true, false, AdmissionVerdict.ReadHeader)]
    [InlineData(true, true, true, true, true, AdmissionVerdict.ReadHeader)]
    [InlineData(true, true, true, false, true, AdmissionVerdict.Serve)]
    [InlineData(true, true, true, false, false, AdmissionVerdict.NotTrusted)]
    [InlineData(false, true, false, false, false, AdmissionVerdict.ProcessFull)]
    [InlineData(true, false, false, false, false, AdmissionVerdict.ServiceFull)]
    [InlineData(false, false, true, false, false, AdmissionVerdict.ProcessFull)]
    [InlineData(true, false, true, false, false, AdmissionVerdict.ServiceFull)]
    public void Admission_Facts_Verdict(bool processHasRoom, bool serviceHasRoom, bool acceptsProxy, bool isBalancer, bool servesOthers,
        AdmissionVerdict verdict) =>
        Assert.Equal(verdict, Admission.Decide(new AdmissionFacts(processHasRoom, serviceHasRoom, acceptsProxy, isBalancer, servesOthers)));

    /// <summary>The balancer is trusted by then, and the client is not taken for a balancer again.</summary>
    [Theory]
    [InlineData(true, true, AdmissionVerdict.Serve)]
    [InlineData(false, true, AdmissionVerdict.ProcessFull)]
    [InlineData(true, false, AdmissionVerdict.ServiceFull)]
    public void Admission_HeaderIsRead_IsAskedOfTheClientThatItNames(bool processHasRoom, bool serviceHasRoom, AdmissionVerdict verdict) =>
        Assert.Equal(verdict,
            Admission.Decide(AdmissionFacts.OfNamedClient with { ProcessHasRoom = processHasRoom, ServiceHasRoom = serviceHasRoom }));

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
        limits.Sessions.TryEnter(loop: 0);
        Assert.True(limits.HasRoom);
        limits.Sessions.TryEnter(loop: 1);
        Assert.False(limits.HasRoom);
        limits.Sessions.Leave(loop: 0);
        Assert.True(limits.HasRoom);
    }
}
