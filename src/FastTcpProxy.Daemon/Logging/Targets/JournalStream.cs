using System.Globalization;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>Whether standard error is the journal of systemd, by JOURNAL_STREAM (systemd.exec(5)). Pure but for one system call.</summary>
internal static class JournalStream
{
    public const string Variable = "JOURNAL_STREAM";

    private const int StandardError = 2;

    /// <summary>The variable outlives a redirection, so it counts only where it names the descriptor that is open now.</summary>
    /// <param name="variable">Its value: device and inode, decimal; or null.</param>
    public static bool IsStandardError(string? variable) =>
        variable is not null && UnixSocketFile.Identify(StandardError) is { } file
        && variable == string.Create(CultureInfo.InvariantCulture, $"{DeviceNumber(file.Device)}:{file.Inode}");

    /// <summary>What stat(2) calls the device (makedev(3)), from what statx(2) does: the major number, then the minor one.</summary>
    private static ulong DeviceNumber(ulong device)
    {
        ulong major = device & uint.MaxValue, minor = device >> 32;
        return (major & 0xFFFFF000) << 32 | (major & 0xFFF) << 8 | (minor & 0xFFFFFF00) << 12 | minor & 0xFF;
    }
}
