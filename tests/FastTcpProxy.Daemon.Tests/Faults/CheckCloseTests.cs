using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.Deployments;
using FastTcpProxy.Daemon.Tests.Upgrade;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.Daemon.Tests.Faults;

/// <summary>The connections of checks that timed out at a server that hung, as it finds them later. Real processes.</summary>
public sealed class CheckCloseTests
{
    /// <summary>Of tcp.h: the option, and the state of a connection that was reset.</summary>
    private const int TcpInfo = 11;

    private const byte TcpClose = 7;

    /// <summary>
    /// The thread of the timeout is still in its call when the check ends on another: the runtime would reset the connection then, and a
    /// reset behind a LOCAL header ends Postfix's smtpd.
    /// </summary>
    [Fact]
    public async Task Check_TimesOutWhileItsThreadIsSlow_IsClosedInOrder()
    {
        Strace.SkipUnlessUsable();
        using Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen(128);
        using CheckedProxy proxy = await CheckedProxy.StartAsync(new DeployedService("slow", FreePort.Loopback(),
            (IPEndPoint)server.LocalEndPoint!, "proxy-v2", "\"type\": \"tcp\", \"steps\": [{ \"expect\": \"x\" }]"));

        CallFault slow = new("shutdown", "1+", "delay_exit=100ms");
        await using (TracedCalls traced = await TracedCalls.StartAsync(proxy.Process.Child.Id, "shutdown", [], slow))
        {
            await proxy.WaitForEventAsync("slow", "timed out waiting for the answer");
            Assert.True(TracedCalls.HasHappened(await traced.StopAsync()), "no connection was shut down");
        }

        Assert.True(server.Poll(0, SelectMode.SelectRead), "no check has connected");
        while (server.Poll(0, SelectMode.SelectRead))
        {
            using Socket connection = await server.AcceptAsync();
            Assert.NotEqual(TcpClose, StateOf(connection));
        }
    }

    /// <summary>
    /// With TCP_INFO (tcp(7)), as getpeername(2) fails in that state: a reset behind an end of stream shows in no receive.
    /// </summary>
    private static byte StateOf(Socket connection)
    {
        byte[] info = new byte[8];
        connection.GetRawSocketOption((int)SocketOptionLevel.Tcp, TcpInfo, info);
        return info[0];
    }
}
