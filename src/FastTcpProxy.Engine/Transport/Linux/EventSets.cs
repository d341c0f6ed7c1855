namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// The epoll sets of this process, which are the runtime's. The kernel takes a closed descriptor out of them only when no other process
/// holds its socket; a listening socket that another process continues with would wake this one for each of its clients until it ends. The
/// runtime has no call for it. Any thread; shared by the loops of an engine.
/// </summary>
internal sealed class EventSets
{
    private const string Folder = "/proc/self/fd";
    private const string Link = "anon_inode:[eventpoll]";

    private readonly Lazy<int[]> _sets = new(Find);

    /// <summary>
    /// Looks them up, once: called when the runtime has begun to watch its first listening socket. It makes all of its sets at that time,
    /// and there are few descriptors to check then.
    /// </summary>
    public void Learn() => _ = _sets.Value;

    /// <summary>Takes the descriptor out of whichever set it is in.</summary>
    public void Remove(int fd)
    {
        foreach (int set in _sets.Value) NativeListener.RemoveFromSet(set, fd);
    }

    private static int[] Find()
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Folder).Where(IsSet)
                .Select(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc the sockets stay in the sets: wake-ups for nothing, until the process ends.
            return [];
        }
    }

    private static bool IsSet(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget == Link;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Closed meanwhile.
            return false;
        }
    }
}
