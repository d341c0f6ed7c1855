using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Listening;

namespace FastTcpProxy.Daemon.Running;

/// <summary>
/// What serves, put together: the engine, and those who decide what it serves. <c>run</c> and <c>demo</c> both run it. Made, started and disposed
/// by one thread; it owns its parts. <see cref="SocketRuntime.Configure"/> must have been called before.
/// </summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    /// <summary>How long the start waits for DNS names, all together, before it goes on without them.</summary>
    private static readonly TimeSpan ResolveWait = TimeSpan.FromSeconds(2);

    private readonly NameResolver _resolver;
    private readonly HealthMonitor _health;

    /// <param name="configuration">What to serve.</param>
    /// <param name="records">Whether ended sessions are reported.</param>
    /// <param name="names">Hears of DNS names.</param>
    /// <param name="checks">Hears of checks.</param>
    public RunningProxy(ProxyConfiguration configuration, bool records, IResolutionObserver names, IHealthObserver checks)
    {
        int checkedUpstreams = configuration.Services.Sum(s => s.Upstreams.Count(u => u.HealthCheck is not null));
        Engine = new ProxyEngine(new EngineOptions
        {
            Threads = configuration.Engine.Threads,
            SessionsMax = configuration.Engine.MaxSessions,
            RecordSessions = records,
            DescriptorsReserved = Math.Min(HealthMonitor.ProbesMax, checkedUpstreams),
        });
        Composer = new ServiceComposer(configuration);
        _resolver = new NameResolver(Composer, names);
        _health = new HealthMonitor(
            Composer,
            upstream => ProbeFactory.Create(upstream.HealthCheck!, upstream, _resolver, TimeProvider.System),
            (service, upstream) => Engine.ResetSessions(service.State, upstream),
            checks,
            TimeProvider.System);
        Status = new StatusReader(Composer, _health);
    }

    public ProxyEngine Engine { get; }

    public ServiceComposer Composer { get; }

    public IStatusSource Status { get; }

    /// <summary>Looks names up, listens, and begins to check.</summary>
    /// <exception cref="BindException">Some address cannot be had; the message names every such address.</exception>
    public async Task StartAsync()
    {
        await _resolver.StartAsync(ResolveWait);
        Engine.Start([.. Composer.Services.Select(ServiceActivation.ToEngineService)]);
        _health.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _health.DisposeAsync();
        await _resolver.DisposeAsync();
        Engine.Dispose();
    }
}
