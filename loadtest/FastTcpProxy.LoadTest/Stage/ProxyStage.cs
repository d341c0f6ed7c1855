using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage.Proxies;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// What most scenarios need: a proxy with the upstreams a and b, a neighbour service, and short connections as steps. A scenario overrides
/// what differs. It owns the proxy, the upstreams and the health service.
/// </summary>
internal class ProxyStage : IStage
{
    /// <summary>
    /// Connections before the first arrival, so that neither the proxy nor the load compiles itself while it is measured: as many as come
    /// in some seconds, and not fewer than these.
    /// </summary>
    private const int WarmUpStepsMin = 1_500, WarmUpSeconds = 3, WarmUpAtATime = 8;

    private int _open;

    protected ProxyStage(LoadOptions options, ImmutableArray<ArrivalSegment> arrivals)
    {
        Options = options;
        Arrivals = arrivals;
    }

    public ImmutableArray<ArrivalSegment> Arrivals { get; }

    public int ProxyProcessId => Proxy.ProcessId;

    public ImmutableArray<string> Notes => Proxy.MemoryMissing is { } missing ? [missing] : [];

    /// <summary>Steps that have begun and not ended.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>
    /// The most of them at a time, by the descriptors of this process, which is the client and the upstream of each. A step beyond is
    /// counted as not begun.
    /// </summary>
    public int OpenMax { get; } = Needs.ConnectionsMaxOf(DescriptorLimit.Raise());

    protected LoadOptions Options { get; }

    protected ProxyUnderTest Proxy { get; private set; } = null!;

    protected ProxySetup Setup { get; private set; } = null!;

    /// <summary>The upstreams.</summary>
    protected Backend A { get; private set; } = null!;

    protected Backend B { get; private set; } = null!;

    protected Backend C { get; private set; } = null!;

    /// <summary>Null where no health is asked for.</summary>
    protected HealthService? Health { get; private set; }

    /// <summary>How long a session may be silent; null: the proxy's default.</summary>
    protected virtual TimeSpan? IdleTimeout => null;

    /// <summary>Whether the proxy is told to avoid the wait for a silent primary.</summary>
    protected virtual bool AvoidsWaits => false;

    /// <summary>Steps go to the service under test.</summary>
    protected IPEndPoint Target => Setup.Listen;

    /// <summary>Sets up a stage that a scenario has made.</summary>
    public static async Task<IStage> StartAsync(ProxyStage stage, bool isChecked = false, int connections = 9_000)
    {
        try
        {
            await stage.StartAsync(isChecked, connections);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public async Task<StepResult> StepAsync(CancellationToken stop)
    {
        StepResult result = Interlocked.Increment(ref _open) > OpenMax ? new StepResult(Fate.NotBegun) : await RunStepAsync(stop);
        Interlocked.Decrement(ref _open);
        return result;
    }

    /// <summary>Nothing happens besides the arrivals.</summary>
    public virtual Task DriveAsync(IRecord record, CancellationToken arrivalsEnded) => Task.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        if (Proxy is not null) await Proxy.DisposeAsync();
        Health?.Dispose();
        foreach (Backend? backend in (Backend?[])[A, B, C])
        {
            if (backend is not null) await backend.DisposeAsync();
        }
    }

    protected virtual Task<StepResult> RunStepAsync(CancellationToken stop) => Client.ExchangeAsync(Target, stop);

    /// <summary>Waits until a time of the run, unless it is over before.</summary>
    protected static Task UntilAsync(IRecord record, TimeSpan at, CancellationToken ended)
    {
        TimeSpan wait = at - record.Elapsed;
        return wait > TimeSpan.Zero ? Task.Delay(wait, ended).ContinueWith(static _ => { }, TaskScheduler.Default) : Task.CompletedTask;
    }

    /// <summary>Resident memory of the proxy.</summary>
    protected long ResidentBytes => ProcessTree.Of(ProxyProcessId).Sum(ProcessTree.ResidentBytes);

    private async Task StartAsync(bool isChecked, int connections)
    {
        bool hasRules = NetworkNamespace.IsInside && PortRule.IsAvailable;
        A = new Backend('a', FreePort.Loopback(), hasRules);
        B = new Backend('b', FreePort.Loopback(), hasRules);
        C = new Backend('c', FreePort.Loopback(), hasRules);
        if (isChecked) Health = new HealthService(FreePort.Next());
        Setup = new ProxySetup(FreePort.Loopback(), FreePort.Loopback(), A.EndPoint, B.EndPoint, C.EndPoint, Options.ConnectTimeout,
            Health?.Port, connections, IdleTimeout, AvoidsWaits);
        Proxy = await ProxyUnderTest.StartAsync(Options, Setup);
        int steps = Math.Max(WarmUpStepsMin, WarmUpSeconds * Options.Rate);
        await Task.WhenAll(Enumerable.Range(0, WarmUpAtATime).Select(async _ =>
        {
            for (int i = 0; i < steps / WarmUpAtATime; i++)
            {
                StepResult result = await Client.ExchangeAsync(i % 4 == 0 ? Setup.Neighbour : Setup.Listen, CancellationToken.None);
                if (result.Fate is not (Fate.Served or Fate.FailedOver))
                    throw new StageException($"the proxy serves no client before the load begins: {result.Fate}");
            }
        }));
    }
}
