using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Entries;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>
/// Everything that serves: the engine, and the parts that decide what it serves. <c>run</c> and <c>demo</c> both run it. Made, started and
/// disposed by one task; it owns its parts. <see cref="SocketRuntime.Configure"/> must have been called before.
/// </summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    /// <summary>How long a start or a reload waits for new DNS names, all together, before it continues without them.</summary>
    public static readonly TimeSpan ResolveWait = TimeSpan.FromSeconds(2);

    /// <param name="configuration">What to serve.</param>
    /// <param name="records">Whether ended sessions are reported.</param>
    /// <param name="names">Is told of DNS names.</param>
    /// <param name="checks">Is told of checks.</param>
    /// <param name="overrides">Is told what happens to overrides.</param>
    /// <param name="entries">Is told what happens to entries that are made at run time.</param>
    /// <param name="lookup">Looks DNS names up; the system's resolver when null.</param>
    /// <param name="background">Runs what no other code awaits.</param>
    /// <param name="inherited">Listening sockets that are open already, because another process has passed them.</param>
    /// <exception cref="BindException">There are too few descriptors; the message says how many it takes.</exception>
    public RunningProxy(
        ProxyConfiguration configuration,
        bool records,
        IResolutionObserver names,
        IHealthObserver checks,
        IOverrideObserver overrides,
        IEntryObserver entries,
        Func<string, CancellationToken, Task<IPAddress[]>>? lookup = null,
        BackgroundWork? background = null,
        int inherited = 0)
    {
        Background = background ?? new BackgroundWork();
        Descriptors = DescriptorPlan.Make(configuration, DescriptorLimit.Raise().Now, DescriptorLimit.CountOpen(), inherited);
        if (Descriptors.Fault is { } fault) throw new BindException(fault);
        Engine = new ProxyEngine(new EngineOptions
        {
            Threads = configuration.Engine.Threads,
            SessionsMax = configuration.Engine.MaxSessions,
            RecordSessions = records,
            DescriptorsReserved = Descriptors.Reserved,
            SecondAttemptDescriptors = Descriptors.SecondAttempts,
        }, background: Background);
        Composer = new ServiceComposer(configuration);
        Names = new NameResolver(Composer, names, lookup, background: Background, lookupsMax: Descriptors.Lookups);
        Health = new HealthMonitor(
            Composer,
            upstream => ProbeFactory.Create(upstream.HealthCheck!, upstream, Names, TimeProvider.System),
            (service, upstream) => Engine.ResetSessions(service.State, upstream),
            checks,
            TimeProvider.System,
            Background,
            Descriptors.Probes);
        Overrides = new OverrideStore(Composer, configuration.Admin?.StateDirectory, overrides, TimeProvider.System, Background);
        Entries = new EntryStore(Composer, Engine.Guards, Engine.ResetDeniedAsync, configuration.Admin?.StateDirectory, entries,
            TimeProvider.System, Background);
        Status = new StatusReader(Composer, Names);
    }

    /// <summary>Runs what no other code awaits, and counts its defects.</summary>
    public BackgroundWork Background { get; }

    /// <summary>The descriptors that each purpose beside sessions may hold.</summary>
    public DescriptorPlan Descriptors { get; }

    public ProxyEngine Engine { get; }

    public ServiceComposer Composer { get; }

    public NameResolver Names { get; }

    public HealthMonitor Health { get; }

    public OverrideStore Overrides { get; }

    /// <summary>The networks that are denied and allowed at run time.</summary>
    public EntryStore Entries { get; }

    public StatusReader Status { get; }

    /// <summary>What is wrong with the process itself, a line for each.</summary>
    public ImmutableArray<string> Trouble =>
    [
        .. Background.Faults.Select(f => string.Create(CultureInfo.InvariantCulture,
            $"{f.Name}: {Counted.Of(f.Count, "defect")} so far, and the work continues; "
            + $"the last at {f.LastAt:yyyy-MM-ddTHH:mm:ssZ}: {f.Last.GetType().Name}: {f.Last.Message}")),
        .. Engine.ListenerLosses.Where(l => l.IsLost).Select(l => $"listener {l.Address} of loop {l.Loop} is lost: {l.ErrorText}"),
        .. Engine.StraySockets.Select(s => $"listener {s.Address}: {s.Why}"),
        .. Engine.TransportTrouble is { } trouble ? [trouble] : (ImmutableArray<string>)[],
        .. Overrides.Unread is { } unread
            ? [$"the operators' overrides are not in force, and none can be changed: {unread}"] : (ImmutableArray<string>)[],
        .. Entries.Trouble is { } lost ? [lost] : (ImmutableArray<string>)[],
        .. Engine.Sessions >= Engine.Descriptors.SessionCapacity
            ? [$"{Counted.Of(Engine.Sessions, "session")}, as many as the descriptors allow: new clients wait; raise the hard limit "
                + "(LimitNOFILE, ulimit -Hn)"] : (ImmutableArray<string>)[],
    ];

    /// <summary>The state directory belongs to another process, or is about to: nothing is written there any more.</summary>
    public void ReleaseState()
    {
        Entries.Release();
        Overrides.Release();
    }

    /// <summary>The state directory is this process's, now or again.</summary>
    public void ReclaimState()
    {
        Overrides.Reclaim();
        Entries.Reclaim();
    }

    /// <summary>
    /// Restores overrides and entries, looks names up, listens, and begins to check. Where listeners are inherited, their process has
    /// released the state directory.
    /// </summary>
    /// <param name="inherited">Listening sockets that another process has opened; null: none.</param>
    /// <param name="verdicts">What the checks of another process have found out.</param>
    /// <returns>Upstreams that begin with such a verdict.</returns>
    /// <exception cref="BindException">At least one address cannot be bound; the message names every such address.</exception>
    public async Task<int> StartAsync(InheritedListeners? inherited = null, ImmutableArray<HealthVerdict> verdicts = default)
    {
        Overrides.Restore();
        ImmutableArray<ActiveService> services = Composer.Services;
        await Names.ReconcileAsync(services.Select(s => s.Configuration), ResolveWait);
        // Before the first client comes.
        int known = Health.Restore(verdicts);
        ImmutableArray<ListenPlan> plans = [.. services.Select(s => new PlannedService(s, s.Configuration).ToListenPlan())];
        Engine.CountIn(plans);
        Entries.Restore();
        Engine.Start(plans, inherited);
        await Health.ReconcileAsync();
        return known;
    }

    /// <summary>Listens again with sockets that the engine has released, for the present services.</summary>
    /// <param name="kept">Duplicates, whose owner this becomes. Other listeners stay closed.</param>
    /// <exception cref="BindException">The runtime cannot use one of them; all are closed.</exception>
    public void Listen(ImmutableArray<ListenerDescriptors> kept)
    {
        HashSet<string> addresses = [.. kept.Select(k => k.Address)];
        ImmutableArray<ListenPlan> services =
        [
            .. Composer.Services.Select(s => new PlannedService(s, s.Configuration).ToListenPlan())
                .Select(s => s with { Listen = [.. s.Listen.Where(a => addresses.Contains(a.Text))] }),
        ];
        using ListenerChange change = Engine.Prepare(services, new InheritedListeners(kept) { SharesWhatIsLeft = true });
        Engine.Commit(change, resetRemoved: false);
    }

    public async ValueTask DisposeAsync()
    {
        // While the directory is locked: it writes what is not written yet.
        Entries.Dispose();
        Overrides.Dispose();
        await Health.DisposeAsync();
        await Names.DisposeAsync();
        Engine.Dispose();
    }
}
