using System.Globalization;

namespace FastTcpProxy.Daemon.Kernel;

/// <summary>Counters of the kernel's TCP since the boot, or since the network namespace was made (/proc/net/netstat). Immutable.</summary>
internal sealed record NetCounters(long ListenOverflows, long ListenDrops, long TimeWaitOverflows)
{
    public const string File = "/proc/net/netstat";

    private const string Group = "TcpExt:";

    /// <summary>Null: it cannot be read, or has another layout.</summary>
    public static NetCounters? Read(ISystemFiles files)
    {
        string[][] lines = [.. (files.Read(File).Text ?? "").Split('\n').Where(l => l.StartsWith(Group, StringComparison.Ordinal))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        if (lines is not [var names, var values, ..] || names.Length != values.Length) return null;
        return new NetCounters(Of("ListenOverflows"), Of("ListenDrops"), Of("TCPTimeWaitOverflow"));

        long Of(string name) => Array.IndexOf(names, name) is >= 0 and var at
            && long.TryParse(values[at], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : 0;
    }
}
