namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The process at the other end of a connection, by a descriptor that no later process of the same number can be taken for (pidfd_open(2)). One thread
/// at a time; it owns the descriptor.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly int _fd;

    /// <param name="processId">As the kernel told it (SO_PEERCRED); 0 where it cannot be seen from here.</param>
    public PeerProcess(int processId) => _fd = processId > 0 ? TakeOverNative.OpenProcess(processId) : -1;

    /// <summary>Whether its end can be seen: not in another namespace, not on a kernel before 5.3, and not without a descriptor.</summary>
    public bool IsVisible => _fd >= 0;

    /// <summary>Whether it has ended, with all of its threads: then all that it held open is closed. False too where that cannot be seen.</summary>
    public bool HasEnded => IsVisible && TakeOverNative.IsReadable(_fd, 0);

    /// <summary>Waits for its end, at most so long; returns <see cref="HasEnded"/>.</summary>
    public bool WaitForEnd(TimeSpan within) => IsVisible && TakeOverNative.IsReadable(_fd, (int)within.TotalMilliseconds);

    public void Dispose()
    {
        if (IsVisible) TakeOverNative.Close(_fd);
    }
}
