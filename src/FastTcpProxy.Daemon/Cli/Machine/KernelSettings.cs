using System.Globalization;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Settings of the kernel that decide how much a proxy can do here. Each is null where it cannot be read. Stateless.</summary>
internal static class KernelSettings
{
    /// <summary>Of the range that the kernel begins with, 32768 to 60999 (ip(7)).</summary>
    public const int LocalPortsUsual = 28_232;

    /// <summary>How many local ports the kernel chooses from (ip_local_port_range, ip(7)).</summary>
    public static int? LocalPorts => Numbers("/proc/sys/net/ipv4/ip_local_port_range") is [var first, var last] ? last - first + 1 : null;

    /// <summary>The first port that every user may listen on (ip_unprivileged_port_start, ip(7)).</summary>
    public static int FirstUnprivilegedPort => Numbers("/proc/sys/net/ipv4/ip_unprivileged_port_start") is [var first] ? first : 1024;

    /// <summary>Whether the kernel was started without IPv6, or it is switched off for all interfaces.</summary>
    public static bool IsIpv6Off => !Directory.Exists("/proc/sys/net/ipv6")
        || Numbers("/proc/sys/net/ipv6/conf/all/disable_ipv6") is [not 0];

    /// <summary>The groups of this process beside its own (proc_pid_status(5)).</summary>
    public static IReadOnlyList<int> Groups => Line("Groups:");

    /// <summary>Its own group, the one that counts for files.</summary>
    public static int? Group => Line("Gid:") is [_, _, _, var forFiles] ? forFiles : null;

    private static int[] Line(string name)
    {
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is null ? [] : Parse(line[name.Length..]) ?? [];
    }

    private static int[]? Numbers(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int[]? Parse(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        int[] numbers = new int[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            if (!int.TryParse(words[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i])) return null;
        }
        return numbers;
    }
}
