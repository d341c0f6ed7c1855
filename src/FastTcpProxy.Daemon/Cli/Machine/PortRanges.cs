using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Ports that the kernel gives to no connection by itself (ip_local_reserved_ports, ip-sysctl of the kernel). Pure.</summary>
internal static class PortRanges
{
    public const string ReservedFile = "/proc/sys/net/ipv4/ip_local_reserved_ports";

    /// <summary>The ranges of a text such as "8080,9148,30000-30010"; what is no range is left out.</summary>
    public static IEnumerable<(int First, int Last)> Parse(string text)
    {
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = part.Split('-');
            if (NumberText.TryRead(ends[0], out long first) && NumberText.TryRead(ends[^1], out long last) && ends.Length <= 2)
                yield return ((int)first, (int)last);
        }
    }

    /// <summary>How many of the local ports are reserved.</summary>
    public static int ReservedAmongLocal(KernelSettings kernel, ISystemFiles files)
    {
        if (kernel.LocalPortRange is not var (first, last) || files.Read(ReservedFile).Text is not { } text) return 0;
        return Parse(text).Sum(range => Math.Max(0, Math.Min(range.Last, last) - Math.Max(range.First, first) + 1));
    }
}
