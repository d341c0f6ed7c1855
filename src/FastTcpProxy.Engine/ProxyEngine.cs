using System.Collections.Immutable;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Saea;

namespace FastTcpProxy.Engine;

/// <summary>
/// The engine: its loops, their metronome, and the listeners. Made once, started once, drained, disposed. Its members may be called from any
/// thread but are not for two threads at once; whatever they do to a loop, they do by posting to it.
/// <see cref="SocketRuntime.Configure"/> must have been called before the process had its first socket.
/// </summary>
public sealed class ProxyEngine : IDisposable
{
    private readonly LoopContext[] _contexts;
    private readonly List<(LoopContext Context, Listener Listener)> _listeners = [];
    private readonly List<string> _unixPaths = [];
    private readonly SessionLimits _limits;
    private readonly Ticker _ticker;
    private readonly int _keptDescriptors;
    private bool _disposed;

    public ProxyEngine(EngineOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads, EngineOptions.ThreadsMax);
        Options = options;
        (long softBefore, long hard, long now) = DescriptorLimit.Raise();
        Descriptors = new DescriptorReport(softBefore, hard, now, DescriptorLimit.SessionCapacity(now, DescriptorLimit.CountOpen() + options.DescriptorsReserved));
        int resting = DescriptorLimit.RestingPerLoop(Descriptors.SessionCapacity, options.Threads);
        _keptDescriptors = resting * options.Threads + options.DescriptorsReserved;
        _limits = new SessionLimits(options.SessionsMax, Descriptors.SessionCapacity);
        SocketPlacement.Initialize(options.Threads);
        Budget = new BufferBudget(options.BufferBytesMax > 0 ? options.BufferBytesMax : BufferBudget.DefaultBytesMax(options.Threads));
        _contexts = new LoopContext[options.Threads];
        for (int i = 0; i < options.Threads; i++)
        {
            EventLoop loop = new(i, time ?? TimeProvider.System, new SlabBufferPool(Budget), new EngineCounters());
            _contexts[i] = new LoopContext(loop, new SaeaTransport(loop, resting), _limits, options.RecordSessions ? new SessionRecordRing() : null);
        }
        Counters = [.. _contexts.Select(c => c.Loop.Counters)];
        Records = options.RecordSessions ? [.. _contexts.Select(c => c.Records!)] : [];
        _ticker = new Ticker([.. _contexts.Select(c => c.Loop)]);
    }

    public EngineOptions Options { get; }

    /// <summary>What the process was given of descriptors.</summary>
    public DescriptorReport Descriptors { get; private set; }

    public BufferBudget Budget { get; }

    /// <summary>One for each loop.</summary>
    public ImmutableArray<EngineCounters> Counters { get; }

    /// <summary>The ended sessions of each loop; empty when they are not recorded. Each ring has one reader.</summary>
    public ImmutableArray<SessionRecordRing> Records { get; }

    /// <summary>Sessions of the process now.</summary>
    public int Sessions => _limits.Sessions.Current;

    /// <summary>Whether the sockets of a session are steered to one thread; false with one thread, or on a runtime that cannot be asked.</summary>
    public static bool PlacesSockets => SocketPlacement.IsActive;

    /// <summary>Binds all addresses, then begins to accept on all of them: either every one is had, or none is touched.</summary>
    /// <exception cref="BindException">Some address cannot be had; the message names every such address.</exception>
    public void Start(IReadOnlyList<EngineService> services)
    {
        ArgumentNullException.ThrowIfNull(services);
        List<(EngineService Service, BoundListener[] Bound)> all = [];
        List<string> errors = [];
        foreach (EngineService service in services)
        {
            foreach (ListenAddress address in service.Listen)
            {
                try
                {
                    all.Add((service, ListenSocketBinder.Bind(address, Options.Threads)));
                }
                catch (BindException e)
                {
                    errors.Add($"service \"{service.State.Definition.Name}\": {e.Message}");
                }
            }
        }
        if (errors.Count > 0)
        {
            foreach ((_, BoundListener[] bound) in all) Release(bound);
            throw new BindException(string.Join(Environment.NewLine, errors));
        }
        // Counted now, with every listener open.
        int open = DescriptorLimit.CountOpen() + _keptDescriptors;
        Descriptors = Descriptors with { SessionCapacity = DescriptorLimit.SessionCapacity(Descriptors.Limit, open) };
        _limits.Capacity = Descriptors.SessionCapacity;
        _ticker.Start();
        foreach ((EngineService service, BoundListener[] bound) in all) Begin(service, bound);
    }

    /// <summary>Stops listening on every address. Sessions go on.</summary>
    public void StopAccepting()
    {
        foreach ((LoopContext context, Listener listener) in _listeners) context.Loop.Dispatch(new LoopCommand(listener.Close));
        foreach (string path in _unixPaths) DeleteSocket(path);
        _unixPaths.Clear();
    }

    /// <summary>Ends every session that is still there by a reset.</summary>
    public void ResetSessions()
    {
        foreach (LoopContext context in _contexts)
        {
            context.Loop.Dispatch(new LoopCommand(() => context.EndAll(EndParty.Operator, EndCause.Drained)));
        }
    }

    /// <summary>Resets the sessions that are joined to an upstream which is down, a few at a time. Those that still connect go on.</summary>
    /// <param name="service">Whose sessions.</param>
    /// <param name="upstream">The upstream's name.</param>
    public void ResetSessions(ServiceState service, string upstream)
    {
        foreach (LoopContext context in _contexts)
            context.Loop.Dispatch(new SessionSweep(context, service, upstream, EndParty.Proxy, EndCause.UpstreamDown));
    }

    /// <summary>Stops listening, resets what is left, and stops the clock.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        StopAccepting();
        ResetSessions();
        foreach (LoopContext context in _contexts) context.Loop.Dispatch(new LoopCommand(() => context.Transport.Close()));
        _ticker.Dispose();
    }

    private void Begin(EngineService service, BoundListener[] bound)
    {
        for (int i = 0; i < bound.Length; i++)
        {
            // A UNIX socket has one listener in all; they take turns over the loops.
            LoopContext context = _contexts[bound.Length == 1 ? _listeners.Count % _contexts.Length : i];
            Listener listener = new(context, service.State, bound[i]);
            _listeners.Add((context, listener));
            if (bound[i].Address.UnixPath is { } path) _unixPaths.Add(path);
            context.Loop.Dispatch(new LoopCommand(listener.Start));
        }
    }

    private static void Release(BoundListener[] bound)
    {
        foreach (BoundListener listener in bound)
        {
            ((IDisposable)listener.Handle).Dispose();
            if (listener.Address.UnixPath is { } path) DeleteSocket(path);
        }
    }

    private static void DeleteSocket(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its directory is gone or not ours any more: then nobody finds the socket either, and the next start replaces it.
        }
    }
}
