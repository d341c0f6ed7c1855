using System.Globalization;

namespace FastTcpProxy.Daemon.Kernel;

/// <summary>What the sockets of the machine use (/proc/net/sockstat). Stateless.</summary>
internal static class SocketStatistics
{
    public const string File = "/proc/net/sockstat";

    /// <summary>A number of the line of TCP: <c>tw</c>, or <c>mem</c> in pages; null: it cannot be read.</summary>
    public static long? Tcp(ISystemFiles files, string name)
    {
        string[] words = (files.Read(File).Text ?? "").Split('\n').FirstOrDefault(l => l.StartsWith("TCP:", StringComparison.Ordinal))
            ?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return Array.IndexOf(words, name) is >= 0 and var at && at + 1 < words.Length
            && long.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
    }
}
