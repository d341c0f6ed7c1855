using System.Net.Sockets;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>The health service of an upstream of the demo: its answer to every request is good. One thread for each connection.</summary>
internal static class DemoHealthServer
{
    /// <summary>Who asks sends his whole request within this time.</summary>
    private const int SilenceMs = 5_000;

    /// <summary>The longest request that is read.</summary>
    private const int RequestMax = 8 * 1024;

    public static void Serve(Socket connection)
    {
        connection.ReceiveTimeout = SilenceMs;
        byte[] request = new byte[RequestMax];
        int length = 0;
        while (request.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            int count = connection.Receive(request, length, request.Length - length, SocketFlags.None);
            if (count == 0) return;
            length += count;
        }
        connection.Send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nOK\n"u8);
        connection.Shutdown(SocketShutdown.Send);
        while (connection.Receive(request) > 0) { }
    }
}
