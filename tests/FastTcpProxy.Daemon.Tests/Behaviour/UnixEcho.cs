using System.Net.Sockets;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// An upstream on a UNIX socket that sends back what it gets. Any thread; it owns the listener, the accepted sockets and the folder of the
/// path.
/// </summary>
internal sealed class UnixEcho : IDisposable
{
    private readonly TempFolder _folder = new("echo");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private int _accepted;

    public UnixEcho()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public string Path => _folder["echo"];

    /// <summary>The connections accepted so far.</summary>
    public int AcceptedCount => Volatile.Read(ref _accepted);

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    private static async Task ServeAsync(Socket connection)
    {
        using Socket owned = connection;
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int count; (count = await owned.ReceiveAsync(buffer)) > 0;)
            {
                for (int sent = 0; sent < count;) sent += await owned.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (SocketException)
        {
            // The proxy reset it, or the test is over.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket connection = await _listener.AcceptAsync();
                Interlocked.Increment(ref _accepted);
                _ = ServeAsync(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
