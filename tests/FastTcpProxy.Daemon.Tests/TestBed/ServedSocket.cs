using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.TestBed;

/// <summary>
/// Waits for UNIX sockets. Its file is there, and its mode may change, before anyone listens; so it is the listening that counts.
/// Stateless.
/// </summary>
internal static class ServedSocket
{
    /// <summary>Waits until a process listens at the path.</summary>
    /// <param name="path">The socket's file.</param>
    /// <param name="what">What was waited for, as the failure names it.</param>
    /// <param name="detail">More for the failure's text.</param>
    public static Task AwaitAsync(string path, string what, Func<string>? detail = null) =>
        Eventually.HoldsAsync(() => UnixSocketFile.IsServed(path) && !IsBoundOnly(path), what, detail: detail);

    /// <summary>
    /// Whether it is bound and does not listen yet, as the kernel's table has it: "Num: RefCount Protocol Flags Type St Inode Path", where
    /// a flag stands for listening.
    /// </summary>
    private static bool IsBoundOnly(string path)
    {
        string[] flags =
            [.. File.ReadLines("/proc/net/unix").Where(l => l.EndsWith(' ' + path, StringComparison.Ordinal)).Select(l => l.Split(' ')[3])];
        return flags.Length > 0 && !flags.Contains("00010000");
    }
}
