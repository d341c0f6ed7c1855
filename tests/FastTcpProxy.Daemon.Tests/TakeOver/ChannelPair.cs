using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>
/// Two ends of a UNIX stream connection, one of them plain, so that a test can send what no honest process does. One test owns it.
/// </summary>
internal sealed class ChannelPair : IDisposable
{
    public ChannelPair(int stop = -1)
    {
        UnixDomainSocketEndPoint name = new($"\0fasttcpproxy-test-{Guid.NewGuid():N}");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(name);
        listener.Listen();
        Socket first = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        first.Connect(name);
        Plain = listener.Accept();
        Mine = new DescriptorChannel(first, stop);
        Other = new DescriptorChannel(Plain);
    }

    /// <summary>Long against what an operation takes on a busy machine.</summary>
    public static TimeBound Patient => TimeBound.After(TimeSpan.FromSeconds(20));

    public static TimeBound Short => TimeBound.After(TimeSpan.FromMilliseconds(150));

    public DescriptorChannel Mine { get; }

    public DescriptorChannel Other { get; }

    /// <summary>The socket of <see cref="Other"/>.</summary>
    public Socket Plain { get; }

    /// <summary>A socket that listens on a loopback port.</summary>
    public static Socket Listen()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    public void Dispose()
    {
        Mine.Dispose();
        Other.Dispose();
    }
}
