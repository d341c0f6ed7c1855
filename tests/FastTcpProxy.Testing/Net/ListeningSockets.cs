using System.Globalization;
using System.Net;

namespace FastTcpProxy.Testing.Net;

/// <summary>
/// Tells who listens on this machine, and how long the accept queues are, without making a connection, which the program under test would
/// count as a session. Any thread; it holds nothing.
/// </summary>
public static class ListeningSockets
{
    private const string StateListen = "0A";

    /// <summary>
    /// Whether a socket listens where a connection to <paramref name="endPoint"/> would arrive: on its address, or on all addresses.
    /// </summary>
    public static bool Covers(IPEndPoint endPoint) => QueueLength(endPoint) is not null;

    /// <summary>
    /// How many connections wait to be accepted at the socket that listens for <paramref name="endPoint"/>; null when none does.
    /// </summary>
    public static int? QueueLength(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        int? wildcard = null;
        foreach (var (address, port, queue) in SocketDiagnostics.TryRead() ?? ReadTables())
        {
            if (port != endPoint.Port)
                continue;
            if (address.Equals(endPoint.Address))
                return queue;
            // "[::]" takes IPv4 too unless it is bound to IPv6 only, which this table does not tell: close enough for a wait.
            if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
                wildcard = queue;
        }
        return wildcard;
    }

    /// <summary>
    /// Whether a UNIX socket of this path listens: its file is there before that (proc_net_unix: the flag is __SO_ACCEPTCON).
    /// </summary>
    public static bool CoversPath(string unixPath) =>
        File.ReadLines("/proc/net/unix")
        .Any(line => line.EndsWith(" " + unixPath, StringComparison.Ordinal) && line.Contains(" 00010000 ", StringComparison.Ordinal));

    /// <summary>
    /// From /proc/net/tcp and tcp6 (proc_net_tcp in the kernel's documentation), where the kernel has no socket diagnostics.
    /// </summary>
    internal static IEnumerable<(IPAddress Address, int Port, int Queue)> ReadTables()
    {
        foreach (var table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(table))
                continue;
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                // sl local_address rem_address st tx_queue:rx_queue ...; of a listening socket rx_queue is the accept queue's length.
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length < 5 || fields[3] != StateListen)
                    continue;
                var local = fields[1].Split(':');
                yield return (ParseAddress(local[0]), ParseHex(local[1]), ParseHex(fields[4].Split(':')[1]));
            }
        }
    }

    /// <summary>The address is printed as 32-bit words in the machine's byte order.</summary>
    private static IPAddress ParseAddress(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        if (BitConverter.IsLittleEndian)
        {
            for (var word = 0; word < bytes.Length; word += 4)
                Array.Reverse(bytes, word, 4);
        }
        return new IPAddress(bytes);
    }

    private static int ParseHex(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
