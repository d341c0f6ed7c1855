using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Engine.Listening;

/// <summary>
/// All listening addresses of the engine, and the change from one set to another. Its members are for one thread at a time, never for a
/// loop. They reach a listener by a command to its loop.
/// </summary>
internal sealed class ListenerSet(LoopContext[] contexts, ITransportFactory transports)
{
    private List<ListenerGroup> _groups = [];

    // Removed listeners that may still hold their addresses: a loop takes a moment to empty a queue.
    private List<ListenerGroup> _leaving = [];
    private int _version;
    private int _turn;

    /// <summary>Sockets that are listened on.</summary>
    public int Sockets => _groups.Sum(g => g.Count);

    public ImmutableArray<ListenerDescriptors> Descriptors => [.. _groups.Select(g => g.Descriptors).OfType<ListenerDescriptors>()];

    /// <summary>Listeners that were lost at some time. Any thread.</summary>
    public ImmutableArray<ListenerLoss> Losses => [.. Volatile.Read(ref _groups).SelectMany(g => g.Losses)];

    /// <summary>UNIX sockets that no client finds. Any thread but a loop.</summary>
    public ImmutableArray<StraySocket> Strays
    {
        get
        {
            while (true)
            {
                List<ListenerGroup> groups = Volatile.Read(ref _groups);
                ImmutableArray<StraySocket> strays = [.. groups.Select(g => g.Stray).OfType<StraySocket>()];
                // The file of a listener that was removed meanwhile is gone for that reason.
                if (strays.IsEmpty || ReferenceEquals(groups, Volatile.Read(ref _groups))) return strays;
            }
        }
    }

    /// <exception cref="BindException">At least one address cannot be bound; the message names every such address.</exception>
    public ListenerChange Prepare(IReadOnlyList<ListenPlan> services, InheritedListeners? inherited)
    {
        (var kept, var files, var added, List<ListenerGroup> removed) = Compare(services);
        List<BoundGroup> bound = [];
        ImmutableArray<BindFailure>.Builder failures = ImmutableArray.CreateBuilder<BindFailure>();
        foreach ((ServiceState service, ListenAddress address) in added)
        {
            try
            {
                bound.Add(Bind(service, address, inherited, IsBesideOwn(address, removed)));
            }
            catch (BindException e)
            {
                failures.Add(Failure(service, address, e.Message));
            }
        }
        List<(ISocketFile File, SocketPermissions Before)> opened = Open(files, failures);
        inherited?.Dispose();
        ListenerChange change = new(transports, _version, bound, kept, removed, opened);
        if (failures.Count == 0) return change;
        change.Dispose();
        throw new BindException(failures.ToImmutable());
    }

    /// <summary>The addresses that could not be bound now. Listens nowhere.</summary>
    public ImmutableArray<BindFailure> Try(IReadOnlyList<ListenPlan> services)
    {
        (_, _, var added, List<ListenerGroup> removed) = Compare(services);
        return
        [
            .. from a in added
               let why = transports.FindObstacle(a.Address, IsBesideOwn(a.Address, removed))
               where why is not null
               select Failure(a.Service, a.Address, why),
        ];
    }

    public void Commit(ListenerChange change, bool resetRemoved)
    {
        IReadOnlyList<BoundGroup> bound = change.Take(_version);
        _version++;
        foreach ((ListenerGroup group, ServiceState service) in change.Kept) group.Serve(service);
        List<ListenerGroup> groups = [.. change.Kept.Select(k => k.Group)];
        foreach (BoundGroup added in bound)
        {
            ListenerGroup group = Listen(added);
            groups.Add(group);
            group.Start();
        }
        _groups = groups;
        foreach (ListenerGroup group in change.RemovedGroups)
        {
            if (resetRemoved)
            {
                group.Close();
                group.ResetSessions();
            }
            else
            {
                group.Retire();
            }
            _leaving.Add(group);
        }
    }

    /// <summary>The process that has passed sockets has let go of them.</summary>
    public void Claim() => _groups.ForEach(g => g.Claim());

    /// <summary>Stops listening everywhere.</summary>
    public void Close() => LeaveAll(g => g.Close());

    /// <summary>Leaves all sockets to the process that continues with them, with their queues and files.</summary>
    public void Release() => LeaveAll(g => g.Release());

    /// <summary>
    /// Leaves the sockets that another process has bound to that process; closes what was bound here beside them, and removes its files.
    /// </summary>
    public void GiveBack() => LeaveAll(g =>
    {
        if (g.IsInherited)
        {
            g.File?.SetBack();
            g.Release();
        }
        else
        {
            g.Close();
        }
    });

    private static BindFailure Failure(ServiceState service, ListenAddress address, string why) =>
        new(address.ToString(), $"service \"{service.Definition.Name}\": {why}");

    /// <summary>The listeners that stay, are added and are removed.</summary>
    private (
        List<(ListenerGroup, ServiceState)> Kept,
        List<(ISocketFile File, ServiceState Service, ListenAddress Wanted)> Files,
        List<(ServiceState Service, ListenAddress Address)> Added,
        List<ListenerGroup> Removed) Compare(IReadOnlyList<ListenPlan> services)
    {
        List<ListenerGroup> removed = [.. _groups];
        List<(ListenerGroup, ServiceState)> kept = [];
        List<(ISocketFile File, ServiceState Service, ListenAddress Wanted)> files = [];
        List<(ServiceState Service, ListenAddress Address)> added = [];
        foreach (ListenPlan service in services)
        {
            foreach (ListenAddress address in service.Listen)
            {
                // One whose file is gone serves no client: it leaves, and another is bound.
                int index = removed.FindIndex(g => g.Address.Equals(address) && g.Stray is not { File: SocketFileState.Gone });
                if (index < 0)
                {
                    added.Add((service.State, address));
                    continue;
                }
                kept.Add((removed[index], service.State));
                if (removed[index].File is { } file) files.Add((file, service.State, address));
                removed.RemoveAt(index);
            }
        }
        return (kept, files, added, removed);
    }

    private bool IsBesideOwn(ListenAddress address, List<ListenerGroup> removed)
    {
        _leaving.RemoveAll(g => g.IsClosed);
        return removed.Concat(_leaving).Any(g => IsInTheWay(g.Address, address));
    }

    private void LeaveAll(Action<ListenerGroup> leave)
    {
        _version++;
        List<ListenerGroup> groups = _groups;
        _groups = [];
        foreach (ListenerGroup group in groups) leave(group);
        _leaving.AddRange(groups);
    }

    private BoundGroup Bind(ServiceState service, ListenAddress address, InheritedListeners? inherited, bool besideOwn)
    {
        if (inherited?.Take(address, contexts.Length, transports) is { } taken)
        {
            bool isGone = taken.Bound[0].File is { State: SocketFileState.Gone };
            return isGone ? Replace(service, address, taken.Bound) : Inherit(service, address, taken.Bound, taken.KeepsFile);
        }
        BoundListener[] bound = transports.Bind(address, contexts.Length, besideOwn);
        return new BoundGroup(service, address, bound, KeepsFile: false);
    }

    /// <summary>Sets the new permissions of UNIX sockets that stay. This can fail, so it is done before the first step that cannot be
    /// undone.</summary>
    private static List<(ISocketFile File, SocketPermissions Before)> Open(
        List<(ISocketFile File, ServiceState Service, ListenAddress Wanted)> files, ImmutableArray<BindFailure>.Builder failures)
    {
        List<(ISocketFile File, SocketPermissions Before)> opened = [];
        foreach ((ISocketFile file, ServiceState service, ListenAddress wanted) in files)
        {
            SocketPermissions before = file.Permissions;
            try
            {
                file.Apply(wanted.Permissions);
                if (before != wanted.Permissions) opened.Add((file, before));
            }
            catch (BindException e)
            {
                failures.Add(Failure(service, wanted, $"cannot listen on {wanted}: {e.Message}"));
            }
        }
        return opened;
    }

    /// <summary>
    /// A socket that was passed without its file serves no client, here or in the process that it came from. Where none can be bound in its
    /// place, it is kept as it is.
    /// </summary>
    private BoundGroup Replace(ServiceState service, ListenAddress address, BoundListener[] stray)
    {
        BoundListener[] bound;
        try
        {
            bound = transports.Bind(address, loops: 1, besideOwn: false);
        }
        catch (BindException)
        {
            return Inherit(service, address, stray, keepsFile: false);
        }
        foreach (BoundListener listener in stray) transports.Release(listener);
        return new BoundGroup(service, address, bound, KeepsFile: false);
    }

    private BoundGroup Inherit(ServiceState service, ListenAddress address, BoundListener[] bound, bool keepsFile)
    {
        BoundGroup group = new(service, address, bound, keepsFile);
        try
        {
            if (group.File is { State: SocketFileState.InPlace } file) file.Apply(address.Permissions);
            return group;
        }
        catch (BindException e)
        {
            group.Release(transports);
            throw new BindException($"cannot listen on {address}: {e.Message}", e);
        }
    }

    private ListenerGroup Listen(BoundGroup bound)
    {
        // A UNIX socket has one listener; these are spread over the loops.
        int first = bound.Address.UnixPath is null ? 0 : _turn++;
        return new ListenerGroup(bound.Address, bound.Service, bound.IsInherited, bound.File, bound.KeepsFile,
            [.. bound.Sockets.Select((socket, i) =>
        {
            LoopContext context = contexts[(first + i) % contexts.Length];
            return (context, new Listener(context, transports, bound.Service, socket, canReopen: !bound.KeepsFile));
        })]);
    }

    /// <summary>Whether the one may keep the other from being bound: the same port, and one of them may be a wildcard.</summary>
    private static bool IsInTheWay(ListenAddress own, ListenAddress wanted) =>
        own.EndPoint is IPEndPoint a && wanted.EndPoint is IPEndPoint b && a.Port == b.Port && a.Port != 0;
}
