using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Daemon.Systemd;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// Who listened before this process: the running proxy that it takes over from, the service manager, both, or no process. Used once, by the
/// main task; it owns what it was given until the engine or the administrative interface takes it.
/// </summary>
internal sealed class Predecessor : IDisposable
{
    private readonly TakeOverClient? _running;
    private readonly ImmutableArray<ActivatedDescriptor> _activated;
    private readonly ILogger _log;
    private readonly int _stop;
    private ImmutableArray<ListenerDescriptors> _admin;

    private Predecessor(
        TakeOverClient? running, int stop, ImmutableArray<ActivatedDescriptor> activated,
        ImmutableArray<ListenerDescriptors> described, ILogger log)
    {
        _stop = stop;
        _running = running;
        _activated = activated;
        _log = log;
        _admin = running?.Admin ?? [];
        IsServing = running is not null;
        Listeners = new InheritedListeners([.. running?.Listeners ?? [], .. described]);
    }

    /// <summary>The sockets of the services, which the engine takes.</summary>
    public InheritedListeners Listeners { get; }

    /// <summary>How many sockets are not taken yet.</summary>
    public int Sockets => Listeners.Unused.Concat(_admin).Sum(l => l.Descriptors.Length);

    /// <summary>What the checks of the running process have found out.</summary>
    public ImmutableArray<HealthVerdict> Health => _running?.Health ?? [];

    /// <summary>The counters of the running process, and of those before it, continue here. False: there are none.</summary>
    public bool PassCounters(ProxyEngine engine)
    {
        if (_running is null) return false;
        foreach (string fault in engine.AdoptCounters(_running.TakeCounters()))
            Events.CountersUnread(_log, _running.ProcessId, fault);
        return true;
    }

    /// <summary>Whether the service manager listens too. Then nothing that this process does may end that.</summary>
    public bool IsActivated => !_activated.IsEmpty;

    /// <summary>Whether a running process has passed its sockets and still serves with them, until <see cref="ConfirmAsync"/>.</summary>
    public bool IsServing { get; private set; }

    /// <summary>Whether this process has taken over from a running one.</summary>
    public bool HasTakenOver => _running is not null && !IsServing;

    /// <summary>Asks for the sockets. Blocks, within a bound.</summary>
    /// <exception cref="BindException">They were promised and cannot be used; the message says why, and what to do.</exception>
    public static Predecessor Find(StartOptions options, AdminConfiguration? admin, ILogger log)
    {
        ImmutableArray<ActivatedDescriptor> activated;
        try
        {
            activated = SocketActivation.FromEnvironment();
        }
        catch (FormatException e)
        {
            throw new BindException($"socket activation: {e.Message}", e);
        }
        ImmutableArray<ListenerDescriptors> described = [.. activated.Select(Describe)];
        if (!described.IsEmpty)
            Events.Activated(log, Counted.Of(described.Length, "listening socket"), string.Join(", ", described.Select(d => d.Address)));
        if (!options.TakeOver) return new Predecessor(null, -1, activated, described, log);
        int stop = TakeOverNative.NewEvent();
        try
        {
            return new Predecessor(TakeOver(admin, stop, log), stop, activated, described, log);
        }
        catch
        {
            NativeDescriptor.Close(stop);
            throw;
        }
    }

    /// <summary>
    /// The socket of the administrative interface, if the previous process had it at this path, and clients still find it there; otherwise
    /// the caller binds one. The caller owns it.
    /// </summary>
    public AdminSocket? TakeAdmin(string path)
    {
        if (_admin.FirstOrDefault(a => a.Address == AdminSocket.AddressOf(path)) is not { } found) return null;
        _admin = _admin.Remove(found);
        if (!Path.Exists(path))
        {
            ListenerDuplicates.Close([found]);
            return null;
        }
        ListenerDuplicates.Close([found with { Descriptors = found.Descriptors[1..] }]);
        return AdminSocket.Adopt(found.Descriptors[0], path, found.File);
    }

    /// <summary>Says which sockets the configuration does not name. They are closed by then.</summary>
    public void ReportUnused()
    {
        foreach (ListenerDescriptors unused in Listeners.Unused) Events.UnusedSocket(_log, unused.Address);
    }

    /// <summary>Says what of the running process's verdicts is used.</summary>
    public void ReportHealth(int known, int down) =>
        Events.HealthTakenOver(_log, _running?.ProcessId ?? 0, Counted.Of(known, "upstream"), down);

    /// <summary>
    /// Tells the running process that this one serves, and waits until it releases its sockets or continues: mostly a moment, and as long
    /// as that process is held or hangs, while both serve.
    /// </summary>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>False: the running process continues to serve, or has not decided, and this process must exit.</returns>
    public async Task<bool> ConfirmAsync(Task stop)
    {
        if (_running is null) return true;
        // Waits for another process, so not on a thread that other work needs.
        Task<HandOverAnswer> confirming = Task.Run(() => _running.Confirm(() => Events.TakeOverWaits(_log, _running.ProcessId)));
        if (await Task.WhenAny(confirming, stop) != confirming) TakeOverNative.Raise(_stop);
        HandOverAnswer answer = await confirming;
        // The running process sees by it that this one has heard the last word.
        _running.Dispose();
        if (answer is HandOverAnswer.StillServing or HandOverAnswer.Undecided)
        {
            if (answer == HandOverAnswer.StillServing) Events.TakeOverTooLate(_log, _running.ProcessId);
            return false;
        }
        IsServing = false;
        Events.TookOver(_log, _running.ProcessId, _running.Version, answer == HandOverAnswer.Gone
            ? "has ended; its events are in its log"
            : $"drains; its events: fasttcpproxy events --generation {new GenerationName(_running.ProcessId)}, and its log");
        return true;
    }

    public void Dispose()
    {
        Listeners.Dispose();
        ListenerDuplicates.Close(_admin);
        _admin = [];
        _running?.Dispose();
        if (_stop >= 0) NativeDescriptor.Close(_stop);
    }

    private static TakeOverClient? TakeOver(AdminConfiguration? admin, int stop, ILogger log)
    {
        if (admin?.Socket is not { } socket)
            throw new BindException("--take-over: the configuration has no admin.socket, expected that of the running process");
        string path = TakeOverServer.PathFor(socket);
        try
        {
            TakeOverClient? running = TakeOverClient.Connect(path, stop);
            if (running is null) Events.NoProcessToFollow(log, path);
            return running;
        }
        catch (TakeOverException e)
        {
            throw new BindException($"--take-over: {e.Message}", e);
        }
    }

    private static ListenerDescriptors Describe(ActivatedDescriptor activated)
    {
        (string? address, string? error) = InheritedListeners.Describe(activated.Descriptor);
        return address is null
            ? throw new BindException($"socket activation: descriptor {activated.Descriptor} ({activated.Name}): {error}, "
            + "expected a listening stream socket")
            : new ListenerDescriptors(address, [activated.Descriptor]) { KeepsFile = true };
    }
}
