using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Systemd;

/// <summary>The socket of a service manager, and what it is told. One test owns it.</summary>
internal sealed class FakeServiceManager : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly byte[] _datagram = new byte[64 * 1024];

    /// <param name="name">A path, or <c>@</c> and an abstract name: what is put into the environment.</param>
    public FakeServiceManager(string name)
    {
        Name = name;
        _socket.Bind(new UnixDomainSocketEndPoint(name.StartsWith('@') ? '\0' + name[1..] : name));
    }

    public string Name { get; }

    /// <summary>The next message.</summary>
    public Task<string> ReceiveAsync() => ReceiveAsync(Deadline.After());

    private async Task<string> ReceiveAsync(Deadline deadline)
    {
        using CancellationTokenSource end = new(deadline.Remaining);
        return Encoding.UTF8.GetString(_datagram, 0, await _socket.ReceiveAsync(_datagram, end.Token));
    }

    /// <summary>The next message that begins so; those before it are dropped.</summary>
    public async Task<string> ReceiveAsync(string begin)
    {
        // One bound for all of them: signs of life come for ever.
        Deadline deadline = Deadline.After();
        while (true)
        {
            string message = await ReceiveAsync(deadline);
            if (message.StartsWith(begin, StringComparison.Ordinal)) return message;
        }
    }

    public void Dispose() => _socket.Dispose();
}
