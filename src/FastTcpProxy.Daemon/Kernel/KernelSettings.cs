using System.Globalization;

namespace FastTcpProxy.Daemon.Kernel;

/// <summary>Settings of the kernel that decide how much a proxy can do here. Each is null where it cannot be read. Any thread.</summary>
internal sealed class KernelSettings(ISystemFiles files)
{
    /// <summary>Of the range that the kernel begins with, 32768 to 60999 (ip(7)).</summary>
    public const int LocalPortsUsual = 28_232;

    private const string Net = "/proc/sys/net/";

    /// <summary>Those of this machine.</summary>
    public static KernelSettings Machine { get; } = new(SystemFiles.Machine);

    /// <summary>From which the kernel chooses local ports (ip_local_port_range, ip(7)).</summary>
    public (int First, int Last)? LocalPortRange =>
        Numbers(Net + "ipv4/ip_local_port_range") is [var first, var last] && last >= first ? ((int)first, (int)last) : null;

    /// <summary>How many local ports there are.</summary>
    public int? LocalPorts => LocalPortRange is var (first, last) ? last - first + 1 : null;

    /// <summary>The first port that every user may listen on (ip_unprivileged_port_start, ip(7)).</summary>
    public int FirstUnprivilegedPort => (int?)Number(Net + "ipv4/ip_unprivileged_port_start") ?? 1024;

    /// <summary>Whether the kernel was started without IPv6, or it is switched off for all interfaces.</summary>
    public bool IsIpv6Off => files.List(Net + "ipv6").IsEmpty || Number(Net + "ipv6/conf/all/disable_ipv6") is not (null or 0);

    /// <summary>The cap on accept queues (net.core.somaxconn, listen(2)).</summary>
    public int? Somaxconn => (int?)Number(Net + "core/somaxconn");

    /// <summary>The groups of this process beside its own (proc_pid_status(5)).</summary>
    public IReadOnlyList<long> Groups => StatusLine("self", "Groups:");

    /// <summary>Its own group, the one that counts for files.</summary>
    public long? Group => StatusLine("self", "Gid:") is [_, _, _, var forFiles] ? forFiles : null;

    /// <summary>The numbers of a file with nothing else in it; null where it has others, or cannot be read.</summary>
    public long[]? Numbers(string path) => files.Read(path).Text is { } text ? Parse(text) : null;

    /// <summary>The one number of a file.</summary>
    public long? Number(string path) => Numbers(path) is [var only] ? only : null;

    /// <summary>A number of a file of lines "key value" or "key: value kB", such as /proc/meminfo and cpu.stat.</summary>
    public long? Field(string path, string key)
    {
        if (files.Read(path).Text is not { } text) return null;
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && words[0].TrimEnd(':') == key && TryParse(words[1], out long value)) return value;
        }
        return null;
    }

    private long[] StatusLine(string process, string name)
    {
        string? line = files.Read($"/proc/{process}/status").Text?.Split('\n')
            .FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is null ? [] : Parse(line[name.Length..]) ?? [];
    }

    private static long[]? Parse(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        long[] numbers = new long[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            if (!TryParse(words[i], out numbers[i])) return null;
        }
        return numbers;
    }

    private static bool TryParse(string word, out long value) =>
        long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}
