using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>The listening sockets of one address. Who holds it owns the descriptors, unless it says otherwise. Immutable.</summary>
/// <param name="Address">As in the configuration: <c>0.0.0.0:25</c>, <c>[::]:25</c>, <c>unix:/run/x.sock</c>.</param>
/// <param name="Descriptors">One for each loop that listens, in the order of the loops.</param>
internal sealed record ListenerDescriptors(string Address, ImmutableArray<int> Descriptors)
{
    /// <summary>The same sockets by descriptors of their own, which outlive these.</summary>
    /// <exception cref="TakeOverException">No descriptor is left; nothing was duplicated.</exception>
    public static ImmutableArray<ListenerDescriptors> Duplicate(ImmutableArray<ListenerDescriptors> listeners)
    {
        ImmutableArray<ListenerDescriptors>.Builder all = ImmutableArray.CreateBuilder<ListenerDescriptors>(listeners.Length);
        foreach (ListenerDescriptors listener in listeners)
        {
            ImmutableArray<int>.Builder mine = ImmutableArray.CreateBuilder<int>(listener.Descriptors.Length);
            foreach (int fd in listener.Descriptors)
            {
                int duplicate = TakeOverNative.Duplicate(fd);
                if (duplicate < 0)
                {
                    int error = TakeOverNative.LastError;
                    Close(all.ToImmutable());
                    foreach (int made in mine) TakeOverNative.Close(made);
                    throw new TakeOverException($"the listeners of {listener.Address} cannot be duplicated (errno {error}): raise the limit for descriptors (LimitNOFILE, ulimit -n)");
                }
                mine.Add(duplicate);
            }
            all.Add(listener with { Descriptors = mine.MoveToImmutable() });
        }
        return all.MoveToImmutable();
    }

    public static void Close(ImmutableArray<ListenerDescriptors> listeners)
    {
        foreach (int fd in listeners.SelectMany(l => l.Descriptors)) TakeOverNative.Close(fd);
    }
}
