using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// All that the demo runs: two upstreams, and the real proxy in front of them on a configuration that is read as any other. What happens is
/// kept for whoever waits for it, and told to whoever listens. Commands come from one thread; the events from the threads of the
/// upstreams and of the records. It owns all of it.
/// </summary>
internal sealed class DemoStage : IDisposable
{
    /// <summary>Events kept for somebody who waits; older ones are forgotten.</summary>
    private const int KeptMax = 64;

    private static readonly int Threads = Math.Clamp(Environment.ProcessorCount, 1, EngineOptions.ThreadsMax);

    /// <summary>How often the engine's records are looked for.</summary>
    private static readonly TimeSpan RecordLook = TimeSpan.FromMilliseconds(5);

    /// <summary>How long the tour waits for what must come.</summary>
    private static readonly TimeSpan EventWait = TimeSpan.FromSeconds(3);

    private readonly object _changed = new();
    private readonly Queue<DemoArrival> _arrivals = new();
    private readonly Queue<SessionRecord> _sessions = new();
    private readonly ProxyEngine _engine;
    private volatile bool _ended;

    /// <exception cref="SocketException">A port could not be had.</exception>
    /// <exception cref="FastTcpProxy.Engine.Listening.BindException">The proxy's port was taken meanwhile.</exception>
    public DemoStage(TimeSpan connectTimeout)
    {
        // Before anything makes a socket: the runtime reads it then, once.
        SocketRuntime.Configure(Threads);
        ConnectTimeout = connectTimeout;
        A = new DemoUpstream("a", Arrive);
        B = new DemoUpstream("b", Arrive);
        Listen = FreePort();
        ConfigurationText = Configure();
        ProxyConfiguration configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(ConfigurationText), "demo").Configuration!;
        _engine = new ProxyEngine(new EngineOptions { Threads = Threads, SessionsMax = configuration.Engine.MaxSessions });
        ImmutableArray<ActiveService> services = ServiceActivation.Activate(configuration);
        _engine.Start([.. services.Select(ServiceActivation.ToEngineService)]);
        new Thread(ReadRecords) { IsBackground = true, Name = "records" }.Start();
    }

    /// <summary>Told of each connection, on the thread of the upstream.</summary>
    public event Action<DemoArrival>? Arrived;

    /// <summary>Told of each ended session, on the thread of the records.</summary>
    public event Action<SessionRecord>? Ended;

    public TimeSpan ConnectTimeout { get; }

    /// <summary>The primary.</summary>
    public DemoUpstream A { get; }

    /// <summary>The secondary.</summary>
    public DemoUpstream B { get; }

    /// <summary>Where the proxy listens.</summary>
    public IPEndPoint Listen { get; }

    /// <summary>The configuration that the proxy runs from.</summary>
    public string ConfigurationText { get; }

    /// <summary>What an upstream saw of the client; null when it did not come in time.</summary>
    public DemoArrival? WaitForArrival(string client) => WaitFor(_arrivals, a => a.Client == client);

    /// <summary>The record of the client's session; null when it did not come in time.</summary>
    public SessionRecord? WaitForSession(string client) =>
        WaitFor(_sessions, s => s.Client.ToString() == client) is { Service: not null } found ? found : null;

    public void Dispose()
    {
        _ended = true;
        _engine.Dispose();
        A.Dispose();
        B.Dispose();
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
            "name": "demo", "listen": ["{{Listen}}"],
            "mode": "proxy-v2", "connectTimeout": "{{ConnectTimeout.TotalMilliseconds:0}}ms",
            "upstreams": [
              { "name": "a", "address": "{{A.Address}}" },
              { "name": "b", "address": "{{B.Address}}" },
            ],
          }],
        }
        """;

    private void Arrive(DemoArrival arrival)
    {
        // Told before it is kept: whoever waited for it knows that it has been told.
        Arrived?.Invoke(arrival);
        Keep(_arrivals, arrival);
    }

    private void ReadRecords()
    {
        while (!_ended)
        {
            foreach (SessionRecordRing ring in _engine.Records)
            {
                while (ring.TryRead(out SessionRecord record))
                {
                    Ended?.Invoke(record);
                    Keep(_sessions, record);
                }
            }
            Thread.Sleep(RecordLook);
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
