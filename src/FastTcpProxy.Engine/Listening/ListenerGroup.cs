using System.Collections.Immutable;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <summary>
/// One listening address that is served: its listeners, which belong to their loops. The group itself belongs to the
/// <see cref="ListenerSet"/> and reaches them by commands.
/// </summary>
internal sealed class ListenerGroup(
    ListenAddress address, ServiceState service, bool isInherited, ISocketFile? file, bool keepsFile,
    ImmutableArray<(LoopContext Context, Listener Listener)> listeners)
{
    public ListenAddress Address { get; } = address;

    /// <summary>What a new process needs to continue with it, or this one to take it back; null when all of its sockets are lost.</summary>
    public ListenerDescriptors? Descriptors
    {
        get
        {
            ImmutableArray<int> open =
                [.. listeners.Where(l => l.Listener is { Descriptor: >= 0, IsClosed: false }).Select(l => l.Listener.Descriptor)];
            return open.IsEmpty ? null : new ListenerDescriptors(Address.Text, open)
            {
                KeepsFile = keepsFile,
                File = File?.Identity,
                IsOwn = !isInherited,
            };
        }
    }

    /// <summary>Whether another process has bound its sockets, and may hold them still.</summary>
    public bool IsInherited => isInherited;

    /// <summary>Its listeners that were lost at some time.</summary>
    public IEnumerable<ListenerLoss> Losses => listeners.Select(l => l.Listener.Loss).OfType<ListenerLoss>();

    /// <summary>Of a UNIX socket, whose mode and group this process sets; null for others.</summary>
    public ISocketFile? File { get; } = keepsFile ? null : file;

    /// <summary>Set while no client finds its UNIX socket. A lost one is bound again in any case. Any thread but a loop.</summary>
    public StraySocket? Stray => File?.State is { } state and not SocketFileState.InPlace && !Losses.Any(l => l.IsLost)
        ? new StraySocket(Address.Text, state)
        : null;

    public int Count => listeners.Length;

    public bool IsClosed => listeners.All(l => l.Listener.IsClosed);

    public void Start()
    {
        foreach ((LoopContext context, Listener listener) in listeners) context.Loop.Dispatch(new LoopCommand(listener.Start));
    }

    /// <summary>From now on its clients belong to another service, or to the same service with another definition.</summary>
    public void Serve(ServiceState next)
    {
        if (ReferenceEquals(service, next)) return;
        service = next;
        foreach ((LoopContext context, Listener listener) in listeners)
            context.Loop.Dispatch(new LoopCommand(() => listener.Service = next));
    }

    /// <summary>
    /// The process that has passed its sockets has let go of them. Those of a service manager stay inherited: it holds them as long as it
    /// runs.
    /// </summary>
    public void Claim()
    {
        if (!isInherited || keepsFile) return;
        isInherited = false;
        foreach ((LoopContext context, Listener listener) in listeners) context.Loop.Dispatch(new LoopCommand(listener.Claim));
    }

    public void Close()
    {
        foreach ((LoopContext context, Listener listener) in listeners) context.Loop.Dispatch(new LoopCommand(listener.Close));
        RemoveFile();
    }

    public void Retire()
    {
        // First, so that the queue does not grow.
        RemoveFile();
        foreach ((LoopContext context, Listener listener) in listeners) context.Loop.Dispatch(new LoopCommand(listener.Retire));
    }

    public void Release()
    {
        foreach ((LoopContext context, Listener listener) in listeners) context.Loop.Dispatch(new LoopCommand(listener.Release));
    }

    /// <summary>Resets the sessions that were accepted here.</summary>
    public void ResetSessions()
    {
        foreach ((LoopContext context, Listener listener) in listeners)
            context.Loop.Dispatch(
                new SessionSweep(context, session => session.CameThrough(listener.Bound), EndParty.Operator, EndCause.ListenerRemoved));
    }

    private void RemoveFile() => File?.TryRemove();
}
