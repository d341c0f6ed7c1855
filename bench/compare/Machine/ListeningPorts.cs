using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Compare.Machine;

/// <summary>Who listens on which TCP port of this network (proc(5), /proc/net/tcp), and ports that are free. Any thread.</summary>
internal static class ListeningPorts
{
    /// <summary>Below every usual range of local ports, so that no connection of the load takes one meanwhile.</summary>
    public const int First = 8_100, Last = 11_999;

    public static bool Contains(int port)
    {
        const string listen = "0A";
        string wanted = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(fields => fields[1].EndsWith(wanted, StringComparison.Ordinal) && fields[3] == listen);
    }

    /// <summary>Ports of 127.0.0.1 that are free.</summary>
    /// <exception cref="InvalidOperationException">There are not so many.</exception>
    public static int[] FindFree(int count)
    {
        List<int> free = [];
        for (int port = First; port <= Last && free.Count < count; port++)
        {
            using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                free.Add(port);
            }
            catch (SocketException)
            {
                // Of another program: the next one.
            }
        }
        if (free.Count < count)
            throw new InvalidOperationException($"of the ports {First} to {Last} of 127.0.0.1 fewer than {count} are free");
        return [.. free];
    }
}
