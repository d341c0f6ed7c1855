using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Testing.Peers;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Checks of real mail servers.</summary>
public sealed class MailCheckTests
{
    /// <summary>Postfix keeps a connection that it refuses, and waits for QUIT.</summary>
    [Theory]
    [InlineData(CheckProxyHeader.V1)]
    [InlineData(CheckProxyHeader.V2)]
    public async Task Postfix_ThatRefusesInItsGreeting_IsBadAtOnce(CheckProxyHeader header)
    {
        RequiresPeer.Postfix();
        using PostfixReceiver server = await PostfixReceiver.StartAsync();

        ProbeResult result = await Given.RunAsync(
            Given.Tcp(server.EndPoint) with { Type = CheckType.Smtp, ProxyHeader = header, Timeout = TimeSpan.FromSeconds(30) });

        Assert.Equal(ProbeFailure.Content, result.Failure);
        Assert.StartsWith("greeting: the server refuses: \"554 ", result.Text);
    }
}
