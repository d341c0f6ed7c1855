using System.Globalization;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The process at the other end of a connection, by a descriptor that cannot be confused with a later process of the same number
/// (pidfd_open(2)). One thread at a time; it owns the descriptor.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    /// <summary>What it has open.</summary>
    public const int DescriptorsHeld = 1;

    /// <summary>PF_EXITING of the kernel, in the flags of /proc/PID/stat (proc(5)).</summary>
    private const uint Exiting = 4;

    private readonly int _processId;
    private int _fd;

    /// <param name="processId">As the kernel told it (SO_PEERCRED); 0 where it cannot be seen from here.</param>
    public PeerProcess(int processId)
    {
        _processId = processId;
        _fd = processId > 0 ? TakeOverNative.OpenProcess(processId) : -1;
    }

    /// <summary>Whether its end can be seen: not in another namespace, not on a kernel before 5.3, and not without a descriptor.</summary>
    public bool IsVisible => _fd >= 0;

    /// <summary>
    /// Whether it has ended, with all of its threads: then all that it held open is closed. False too where that cannot be seen.
    /// </summary>
    public bool HasEnded => IsVisible && TakeOverNative.IsReadable(_fd, 0);

    /// <summary>
    /// Whether it has ended, or is ending and has closed what it held: the kernel closes a process's descriptors a moment before its end
    /// can be seen. To be asked when its connection has ended. The second check is for a process whose entry in /proc vanished between the
    /// first two.
    /// </summary>
    public bool HasEndedOrIsEnding => HasEnded || (IsVisible && IsExiting()) || HasEnded;

    /// <summary>Waits for its end, at most so long; returns <see cref="HasEnded"/>.</summary>
    public bool WaitForEnd(TimeSpan within) => IsVisible && TakeOverNative.IsReadable(_fd, (int)within.TotalMilliseconds);

    private bool IsExiting()
    {
        try
        {
            // The name may hold anything; behind it stand the state, five numbers, and the flags.
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_processId}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Length > 6 && uint.TryParse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture, out uint flags)
                && (flags & Exiting) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        // Once: by the second time the number may be another file's.
        if (IsVisible) NativeDescriptor.Close(_fd);
        _fd = -1;
    }
}
