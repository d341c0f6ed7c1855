using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>
/// Stands between a command and the administrative socket, and keeps the first line of each request. Every connection has tasks of its own;
/// the test that made it disposes it.
/// </summary>
internal sealed class RequestRecorder : IAsyncDisposable
{
    private static readonly string[] Methods = ["GET ", "PUT ", "POST ", "DELETE "];

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly string _target;
    private readonly Task _accepting;

    public RequestRecorder(string target, string path)
    {
        _target = target;
        Path = path;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public string Path { get; }

    public string[] Requests => [.. _requests];

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(RelayAsync(await _listener.AcceptAsync()));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(Socket accepted)
    {
        using NetworkStream client = new(accepted, ownsSocket: true);
        Socket connected = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await connected.ConnectAsync(new UnixDomainSocketEndPoint(_target));
        using NetworkStream server = new(connected, ownsSocket: true);
        Task answers = server.CopyToAsync(client);
        byte[] buffer = new byte[64 * 1024];
        while (await client.ReadAsync(buffer) is > 0 and int count)
        {
            string text = Encoding.Latin1.GetString(buffer, 0, count);
            foreach (string line in text.Split("\r\n").Where(l => Methods.Any(m => l.StartsWith(m, StringComparison.Ordinal))))
                _requests.Enqueue(line);
            await server.WriteAsync(buffer.AsMemory(0, count));
        }
        connected.Shutdown(SocketShutdown.Send);
        await answers;
    }
}
