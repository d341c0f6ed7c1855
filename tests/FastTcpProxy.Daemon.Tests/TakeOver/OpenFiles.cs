using System.Globalization;
using System.Net.Sockets;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>
/// Which open file is behind a descriptor of this process (proc_pid_fd(5)), and how often it is open. Any thread; it holds nothing.
/// </summary>
internal static class OpenFiles
{
    private const int CloseOnExec = 0x80000;

    /// <summary>Names the socket: <c>socket:[inode]</c>, the same for each descriptor of it; null for one that is not open.</summary>
    public static string? Identify(int fd)
    {
        try
        {
            return new FileInfo($"/proc/self/fd/{fd}").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static string Identify(Socket socket) => Identify((int)socket.Handle)!;

    /// <summary>The descriptors of this process that are that file.</summary>
    public static int Count(string file) =>
        Directory.GetFileSystemEntries("/proc/self/fd")
        .Count(path => Identify(int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)) == file);

    /// <summary>Whether a child would not inherit it.</summary>
    public static bool IsKeptFromChildren(int fd)
    {
        string flags = File.ReadLines($"/proc/self/fdinfo/{fd}").First(l => l.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & CloseOnExec) != 0;
    }
}
