using System.Collections.Immutable;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <summary>
/// A prepared change of listening addresses: the new addresses are bound, and nothing else has happened yet. Made by
/// <see cref="ProxyEngine.Prepare"/>, put in force by <see cref="ProxyEngine.Commit"/>, and given up by <see cref="Dispose"/>. One thread.
/// It owns the new sockets until it is committed.
/// </summary>
public sealed class ListenerChange : IDisposable
{
    private readonly ITransportFactory _transports;
    private readonly List<BoundGroup> _bound;
    private readonly List<(ISocketFile File, SocketPermissions Before)> _opened;
    private bool _done;

    /// <param name="transports">Of the engine.</param>
    /// <param name="version">The version of the set that it was made from.</param>
    /// <param name="bound">What is new.</param>
    /// <param name="kept">The addresses that stay, and their services.</param>
    /// <param name="removed">What goes.</param>
    /// <param name="opened">Files of UNIX sockets that stay and already have their new permissions, with the old ones.</param>
    internal ListenerChange(
        ITransportFactory transports, int version, List<BoundGroup> bound, List<(ListenerGroup Group, ServiceState Service)> kept,
        List<ListenerGroup> removed,
        List<(ISocketFile File, SocketPermissions Before)> opened)
    {
        _transports = transports;
        _opened = opened;
        Version = version;
        _bound = bound;
        Kept = kept;
        RemovedGroups = removed;
    }

    /// <summary>Addresses that are not listened on yet.</summary>
    public ImmutableArray<ListenAddress> Added => [.. _bound.Select(b => b.Address)];

    /// <summary>Addresses that will not be listened on any more.</summary>
    public ImmutableArray<ListenAddress> Removed => [.. RemovedGroups.Select(g => g.Address)];

    internal int Sockets => _bound.Sum(b => b.Sockets.Length);

    /// <summary>Of the set that it was made from.</summary>
    internal int Version { get; }

    internal List<(ListenerGroup Group, ServiceState Service)> Kept { get; }

    internal List<ListenerGroup> RemovedGroups { get; }

    /// <summary>Releases what was bound, unless the change is in force.</summary>
    public void Dispose()
    {
        if (_done) return;
        _done = true;
        foreach (BoundGroup group in _bound) group.Release(_transports);
        foreach ((ISocketFile file, SocketPermissions before) in _opened)
        {
            try
            {
                file.Apply(before);
            }
            catch (BindException)
            {
                // The file was removed meanwhile. Then no client connects to it in any mode.
            }
        }
    }

    /// <summary>Passes the new sockets on; the change is done.</summary>
    internal IReadOnlyList<BoundGroup> Take(int version)
    {
        if (_done) throw new InvalidOperationException("the change is committed or given up already");
        if (version != Version) throw new InvalidOperationException("another change was committed after this one was prepared");
        _done = true;
        return _bound;
    }
}
