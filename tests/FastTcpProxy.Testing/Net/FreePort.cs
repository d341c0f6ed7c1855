using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Testing.Net;

/// <summary>
/// Gives out TCP ports for programs that cannot listen on port zero and say which one they got. Any thread.
/// </summary>
/// <remarks>
/// A port that was bound to zero and closed again can be taken by any outgoing connection before the program listens on it. So the ports
/// come from below the range that the kernel takes for those, and each test process first claims a block of them for itself: it binds an
/// abstract UNIX socket named after the block, which the kernel gives back when the process ends, however it ends.
/// No port is given out twice by one process until its blocks are used up.
/// </remarks>
public static class FreePort
{
    /// <summary>Above the ports of usual services, and the end below the usual start of the kernel's own range, 32768.</summary>
    private const int First = 10_000;

    private const int End = 32_000;
    private const int BlockSize = 200;
    private const int Blocks = (End - First) / BlockSize;

    private static readonly Lock Gate = new();
    private static readonly List<Socket> Claims = [];
    private static int s_next;
    private static int s_blockEnd;

    /// <summary>A port on which nothing listens, over IPv4 or IPv6, and that no other test is given.</summary>
    /// <exception cref="InvalidOperationException">All ports are claimed.</exception>
    public static int Next()
    {
        lock (Gate)
        {
            while (true)
            {
                if (s_next == s_blockEnd)
                    ClaimBlock();
                var port = s_next++;
                if (IsFree(port))
                    return port;
            }
        }
    }

    /// <summary>127.0.0.1 with a free port.</summary>
    public static IPEndPoint Loopback() => new(IPAddress.Loopback, Next());

    /// <summary>::1 with a free port.</summary>
    public static IPEndPoint LoopbackV6() => new(IPAddress.IPv6Loopback, Next());

    /// <summary><paramref name="address"/> with a free port; any address of 127.0.0.0/8 belongs to the machine.</summary>
    public static IPEndPoint On(string address) => new(IPAddress.Parse(address), Next());

    private static void ClaimBlock()
    {
        // Processes that start together begin at different blocks, so that they do not go through the same claimed ones.
        var start = Environment.ProcessId % Blocks;
        for (var i = 0; i < Blocks; i++)
        {
            var block = (start + i) % Blocks;
            var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                claim.Bind(new UnixDomainSocketEndPoint($"\0fasttcpproxy-test-ports-{block}"));
            }
            catch (SocketException)
            {
                claim.Dispose();
                continue;
            }
            Claims.Add(claim);
            s_next = First + block * BlockSize;
            s_blockEnd = s_next + BlockSize;
            return;
        }
        throw new InvalidOperationException($"all test ports from {First} to {End - 1} are claimed by test processes that still run");
    }

    private static bool IsFree(int port)
    {
        try
        {
            var family = Socket.OSSupportsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
            using var probe = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
            if (family == AddressFamily.InterNetworkV6)
                probe.DualMode = true;
            probe.Bind(new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
