using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>How a connection ended, as its peer sees it, and connections over UNIX sockets. Any thread; it holds nothing.</summary>
internal static class Ends
{
    /// <summary>Receives until the connection ends by a reset, which is not a clean end; returns how many bytes came before.</summary>
    public static async Task<long> AssertResetAsync(TestClient client, TimeSpan? within = null)
    {
        long bytes = 0;
        Deadline deadline = Deadline.After(within);
        try
        {
            while (await client.ReceiveAsync(deadline.Remaining) is { Length: > 0 } received) bytes += received.Length;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return bytes;
        }
        Assert.Fail($"a clean end after {bytes} bytes where a reset was expected");
        return bytes;
    }

    /// <summary>
    /// Connects and expects a reset. On a busy machine it can be there before the connect has been seen to end: the connect then tells it.
    /// </summary>
    public static async Task AssertConnectIsResetAsync(IPEndPoint address)
    {
        SocketException error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using TestClient client = await TestClient.ConnectAsync(address);
            await client.ReceiveAsync();
        });
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    /// <summary>Expects the clean end of the stream and no byte before it.</summary>
    public static async Task AssertEndAsync(TestClient client, TimeSpan? within = null) => Assert.Empty(await client.ReceiveAsync(within));

    /// <summary>Sends a text and expects it back.</summary>
    public static async Task AssertEchoAsync(TestClient client, string text = "hello")
    {
        await client.SendAsync(text);
        Assert.Equal(text, System.Text.Encoding.Latin1.GetString(await client.ReceiveExactlyAsync(text.Length)));
    }

    public static async Task<TestClient> ConnectUnixAsync(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path)).WaitAsync(Deadline.Patient);
        return TestClient.Take(socket);
    }
}
