namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// The ports from which the kernel chooses local ones (net.ipv4.ip_local_port_range, ip(7)), as they are when the process first asks. Any
/// thread.
/// </summary>
internal static class LocalPortRange
{
    private static readonly (int First, int Last) Range = Read("/proc/sys/net/ipv4/ip_local_port_range");

    public static bool Contains(int port) => port >= Range.First && port <= Range.Last;

    private static (int First, int Last) Read(string path)
    {
        try
        {
            string[] words = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && int.TryParse(words[0], out int first) && int.TryParse(words[1], out int last)) return (first, last);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not to be seen here: then any port may be one.
        }
        return (1, ushort.MaxValue);
    }
}
