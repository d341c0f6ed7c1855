using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.Systemd;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// Everything that the demo runs: two upstreams with their health services, and the real proxy in front of them on a configuration that is
/// read as any other. What happens is kept for a waiting thread, and reported to listeners. Commands come from one thread; the events from
/// the threads of the upstreams and of the records. It owns all of it.
/// </summary>
internal sealed class DemoStage : IHealthObserver, IResolutionObserver, IDisposable
{
    /// <summary>Events kept for a waiting thread; older ones are forgotten.</summary>
    private const int KeptMax = 64;

    private static readonly int Threads = EngineOptions.ThreadsDefault;

    private const string ServiceName = "demo";

    private const int HedgeDelayMs = 100;

    /// <summary>How often the engine's records are polled.</summary>
    private static readonly TimeSpan RecordPoll = TimeSpan.FromMilliseconds(5);

    /// <summary>How long the tour waits for what must come.</summary>
    private static readonly TimeSpan EventWait = TimeSpan.FromSeconds(3);

    private readonly object _changed = new();
    private readonly Queue<DemoArrival> _arrivals = new();
    private readonly Queue<SessionRecord> _sessions = new();
    private readonly Queue<(string Upstream, HealthState State)> _health = new();
    private readonly DemoFolder _folder = new();
    private readonly RunningProxy _proxy;
    private readonly AdminServer _admin;
    private volatile bool _ended;

    /// <exception cref="SocketException">A port could not be had.</exception>
    /// <exception cref="FastTcpProxy.Engine.Transport.BindException">The proxy's port was taken meanwhile.</exception>
    public DemoStage(TimeSpan connectTimeout)
    {
        // Before anything makes a socket: the runtime reads it then, once.
        SocketRuntime.Configure(Threads);
        ConnectTimeout = connectTimeout;
        A = new DemoServer("a", connection => new DemoConversation("a", connection, Arrive).Run());
        B = new DemoServer("b", connection => new DemoConversation("b", connection, Arrive).Run());
        HealthOfA = new DemoServer("health of a", DemoHealthServer.Serve);
        HealthOfB = new DemoServer("health of b", DemoHealthServer.Serve);
        Listen = FreePort();
        ListenHedged = FreePort();
        AdminSocket = Path.Combine(_folder.Path, "admin.sock");
        ConfigurationText = Configure();
        byte[] text = Encoding.UTF8.GetBytes(ConfigurationText);
        // There is no such file: a reload says so, and a configuration can be sent.
        StartOptions options = new(Path.Combine(_folder.Path, "demo.json"), Threads);
        ProxyConfiguration configuration = options.Apply(ConfigurationLoader.Parse(text, options.ConfigurationFile).Configuration!);
        _proxy = new RunningProxy(configuration, records: true, this, this, new OverrideEvents(NullLogger.Instance),
            new EntryEvents(NullLogger.Instance));
        _proxy.StartAsync().GetAwaiter().GetResult();
        LoadedConfiguration loaded = new(configuration, text, "demo", Environment.UserName, TimeProvider.System.GetUtcNow());
        ConfigurationReload reload = new(_proxy, options, loaded, SystemdNotifier.None, TimeProvider.System, NullLogger.Instance);
        Lifecycle lifecycle = new(loaded.At) { State = ProcessState.Serving };
        ImmutableArray<AdminRoute> routes = AdminRoutes.All(new AdminTarget(_proxy, reload, lifecycle, NullLogger.Instance));
        _admin = AdminServer.StartAsync(AdminSocket, routes, TimeProvider.System, NullLogger.Instance).GetAwaiter().GetResult();
        _proxy.Background.Thread("records", ReadRecords).Start();
    }

    /// <summary>Told of each connection, on the thread of the upstream.</summary>
    public event Action<DemoArrival>? Arrived;

    /// <summary>Told when an upstream has gone down or come up, on a thread of the pool: its name, its state, and why.</summary>
    public event Action<string, HealthState, string>? HealthChanged;

    /// <summary>Told of each ended session, on the thread of the records.</summary>
    public event Action<SessionRecord>? Ended;

    public TimeSpan ConnectTimeout { get; }

    /// <summary>The primary.</summary>
    public DemoServer A { get; }

    /// <summary>The secondary.</summary>
    public DemoServer B { get; }

    /// <summary>Asked by the proxy how the primary is.</summary>
    public DemoServer HealthOfA { get; }

    /// <summary>The same for the secondary.</summary>
    public DemoServer HealthOfB { get; }

    /// <summary>Where <c>fasttcpproxy status</c> finds the proxy.</summary>
    public string AdminSocket { get; }

    /// <summary>Where the proxy listens.</summary>
    public IPEndPoint Listen { get; }

    /// <summary>Where it listens for the same upstreams, with <c>hedge</c>.</summary>
    public IPEndPoint ListenHedged { get; }

    /// <summary>How long an upstream is waited for alone there.</summary>
    public TimeSpan HedgeDelay => TimeSpan.FromMilliseconds(Math.Min(HedgeDelayMs, Math.Floor(ConnectTimeout.TotalMilliseconds / 2)));

    /// <summary>The configuration that the proxy runs from.</summary>
    public string ConfigurationText { get; }

    /// <summary>What an upstream saw of the client; null when it did not come in time.</summary>
    public DemoArrival? WaitForArrival(string client) => WaitFor(_arrivals, a => a.Client == client);

    /// <summary>The record of the client's session; null when it did not come in time.</summary>
    public SessionRecord? WaitForSession(string client) =>
        WaitFor(_sessions, s => s.Client.ToString() == client) is { Service: not null } found ? found : null;

    /// <summary>Whether new clients can get to the upstream.</summary>
    public bool IsServing(string upstream) => Service?.Upstreams.Any(u => u.Configuration.Name == upstream && u.IsServing) ?? false;

    /// <summary>
    /// What operators have done over <see cref="AdminSocket"/> that keeps clients from the upstreams that they would get otherwise: each a
    /// sentence, and the command that undoes it, where one does.
    /// </summary>
    public IReadOnlyList<(string What, string? Undo)> Interventions
    {
        get
        {
            if (Service is not { } service) return [($"the configuration was replaced, and its service {ServiceName} is gone", null)];
            List<(string, string?)> all = [];
            if (service.Order is { } order) all.Add((Tell("the upstreams", order), $"upstream order {ServiceName} --configured"));
            foreach (UpstreamStatus upstream in service.Upstreams)
            {
                string name = upstream.Configuration.Name;
                if (upstream.Override is { } set) all.Add((Tell($"upstream {name}", set), $"upstream enable {ServiceName} {name}"));
            }
            return all;
        }
    }

    private ServiceStatus? Service => _proxy.Status.Services.FirstOrDefault(s => s.Name == ServiceName);

    /// <summary>Forgets what was heard of health, before something is done that will be heard of.</summary>
    public void ForgetHealth()
    {
        lock (_changed) _health.Clear();
    }

    /// <summary>Whether checks have found the upstream in this state, in time.</summary>
    public bool WaitForHealth(string upstream, HealthState state) => WaitFor(_health, h => h == (upstream, state)) != default;

    public void Dispose()
    {
        _ended = true;
        _admin.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _proxy.DisposeAsync().AsTask().GetAwaiter().GetResult();
        A.Dispose();
        B.Dispose();
        HealthOfA.Dispose();
        HealthOfB.Dispose();
        _folder.Dispose();
    }

    void IHealthObserver.Checked(string service, string upstream, UpstreamHealth before, UpstreamHealth after)
    {
        if (before.State == after.State) return;
        // The start of the demo is no news.
        if (before.State != HealthState.Initial) HealthChanged?.Invoke(upstream, after.State, after.Last!.Decisive.Text);
        Keep(_health, (upstream, after.State));
    }

    void IHealthObserver.AnyUp(string service, bool isAnyUp, string counts)
    {
    }

    void IResolutionObserver.Resolved(string name, ImmutableArray<IPAddress> addresses, int found)
    {
    }

    void IResolutionObserver.Failed(string name, string error, ImmutableArray<IPAddress> kept)
    {
    }

    /// <summary>A port that was free a moment ago.</summary>
    private static IPEndPoint FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private string Configure() =>
        $$"""
        {
          "services": [{
            "name": "{{ServiceName}}", "listen": ["{{Listen}}"],
            "mode": "proxy-v2", "connectTimeout": "{{ConnectTimeout.TotalMilliseconds:0}}ms",
            "upstreams": [
              { "name": "a", "address": "{{A.Address}}",
                "healthCheck": { "url": "http://{{HealthOfA.Address}}/" } },
              { "name": "b", "address": "{{B.Address}}",
                "healthCheck": { "url": "http://{{HealthOfB.Address}}/" } },
            ],
            "healthCheck": { "interval": "1s" },
          }, {
            "name": "{{ServiceName}}-hedged", "listen": ["{{ListenHedged}}"],
            "mode": "proxy-v2", "connectTimeout": "{{ConnectTimeout.TotalMilliseconds:0}}ms",
            "hedge": { "delay": "{{HedgeDelay.TotalMilliseconds:0}}ms" },
            "upstreams": [
              { "name": "a", "address": "{{A.Address}}" },
              { "name": "b", "address": "{{B.Address}}" },
            ],
          }],
          "admin": { "socket": "{{AdminSocket}}" },
        }
        """;

    private static string Tell(string what, Override set) => $"{what}: {set.What}, set by {set.Author}";

    private void Arrive(DemoArrival arrival)
    {
        // Reported before it is kept: a thread that waited for it knows that it was reported.
        Arrived?.Invoke(arrival);
        Keep(_arrivals, arrival);
    }

    private void ReadRecords()
    {
        while (!_ended)
        {
            foreach (SessionRecordRing ring in _proxy.Engine.Records)
            {
                while (ring.TryRead(out SessionRecord record))
                {
                    Ended?.Invoke(record);
                    Keep(_sessions, record);
                }
            }
            Thread.Sleep(RecordPoll);
        }
    }

    private void Keep<T>(Queue<T> kept, T item)
    {
        lock (_changed)
        {
            if (kept.Count == KeptMax) kept.Dequeue();
            kept.Enqueue(item);
            Monitor.PulseAll(_changed);
        }
    }

    private T? WaitFor<T>(Queue<T> kept, Func<T, bool> wanted)
    {
        long deadline = Environment.TickCount64 + (long)EventWait.TotalMilliseconds;
        lock (_changed)
        {
            while (true)
            {
                foreach (T item in kept)
                {
                    if (wanted(item)) return item;
                }
                long left = deadline - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_changed, (int)left)) return default;
            }
        }
    }
}
