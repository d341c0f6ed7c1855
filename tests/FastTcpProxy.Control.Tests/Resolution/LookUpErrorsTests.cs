using System.Net.Sockets;
using FastTcpProxy.Control.Resolution;

namespace FastTcpProxy.Control.Tests.Resolution;

/// <summary>What operators read when a name does not resolve.</summary>
public sealed class LookUpErrorsTests
{
    [Fact]
    public void Explain_NoNameServerAnswers_SaysSo() =>
        Assert.Equal("no name server gave an answer; see /etc/resolv.conf",
            NameResolver.Explain(new SocketException((int)SocketError.TryAgain)));

    [Fact]
    public void Explain_AnythingElse_IsThePlatformsWords()
    {
        SocketException unknown = new((int)SocketError.HostNotFound);
        Assert.Equal(unknown.Message, NameResolver.Explain(unknown));
    }
}
