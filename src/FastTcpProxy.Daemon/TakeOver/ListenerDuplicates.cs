using System.Collections.Immutable;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// Listening sockets by their own descriptors, which outlive those that they were made from. Any thread; the caller owns them.
/// </summary>
internal static class ListenerDuplicates
{
    /// <exception cref="TakeOverException">No descriptor is left; nothing was duplicated.</exception>
    public static ImmutableArray<ListenerDescriptors> Of(ImmutableArray<ListenerDescriptors> listeners)
    {
        List<ListenerDescriptors> all = [];
        foreach (ListenerDescriptors listener in listeners)
        {
            List<int> mine = [];
            foreach (int fd in listener.Descriptors)
            {
                int duplicate = NativeDescriptor.Duplicate(fd);
                if (duplicate < 0)
                {
                    int error = TakeOverNative.LastError;
                    Close([.. all, listener with { Descriptors = [.. mine] }]);
                    throw new TakeOverException($"the listeners of {listener.Address} cannot be duplicated (errno {error}): "
                        + "raise the limit for descriptors (LimitNOFILE, ulimit -n)");
                }
                mine.Add(duplicate);
            }
            all.Add(listener with { Descriptors = [.. mine] });
        }
        return [.. all];
    }

    public static void Close(ImmutableArray<ListenerDescriptors> listeners)
    {
        foreach (int fd in listeners.SelectMany(l => l.Descriptors)) NativeDescriptor.Close(fd);
    }
}
