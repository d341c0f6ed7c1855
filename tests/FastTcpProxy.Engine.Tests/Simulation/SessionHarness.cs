using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Memory;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// A listener, its service, upstreams and clients in one <see cref="SimWorld"/>, with all that is seen of them. One thread; owned by a
/// test.
/// </summary>
internal sealed class SessionHarness
{
    /// <summary>The client with number 0 comes from here.</summary>
    private const uint FirstClient = 0x0A010000;

    private static readonly IPEndPoint ListenEndPoint = new(IPAddress.Parse("10.0.0.1"), 25);

    private readonly Dictionary<object, ClientRun> _sessions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SimHost, (HeaderMode Mode, Func<ClientRun, (PeerStep[] Steps, bool Echoes)> Script)> _hosts = [];
    private readonly BoundListener _bound;
    private Listener? _listener;

    public SessionHarness(int seed = 1, SimFaults? faults = null, int sessionsMax = 0, int capacity = 1_000_000, double refusals = 0,
        BufferArena? arena = null, SpliceTerms? spliceTerms = null, int secondAttempts = SecondAttempts.DescriptorsMax)
    {
        World = new SimWorld(seed, faults, new SessionLimits(sessionsMax, capacity), refusals, arena, spliceTerms, secondAttempts);
        _bound = World.Transports.Bind(new ListenAddress(ListenEndPoint), loops: 1, besideOwn: false)[0];
        Socket = World.Transports.SocketOf(_bound);
        World.Transport.Adopted = OnAdopted;
        World.Transport.Connecting = (owner, host) => _sessions[owner].Tried.Add(host);
        World.Transport.ClosedWaiting = (owner, unheard) =>
        {
            // An observer's stream is no session's any more.
            if (_sessions.TryGetValue(owner, out ClientRun? client)) client.Unheard |= unheard;
        };
        World.Transport.Active = owner =>
        {
            if (_sessions.TryGetValue(owner, out ClientRun? client)) client.LastActivityUs = World.Clock.NowUs;
        };
    }

    public SimWorld World { get; }

    public SimListenSocket Socket { get; }

    public Listener Listener => _listener!;

    public ServiceState Service { get; private set; } = null!;

    public List<SimHost> Hosts { get; } = [];

    public List<ClientRun> Clients { get; } = [];

    public List<string> Failures { get; } = [];

    public static InetEndPoint Local => InetEndPoint.FromIPEndPoint(ListenEndPoint);

    public static InetEndPoint AddressOf(int client) => InetEndPoint.FromIPv4(FirstClient + (uint)client, (ushort)(10_000 + client));

    /// <summary>Adds an upstream with one address. Its script is played on each connection that it accepts.</summary>
    public SimHost AddUpstream(
        ConnectBehavior behavior = ConnectBehavior.Accept, HeaderMode mode = HeaderMode.Raw, bool synchronous = false, long delayUs = 0,
        int capacity = 16 << 10,
        Func<ClientRun, (PeerStep[] Steps, bool Echoes)>? script = null)
    {
        SimHost host = null!;
        host = new SimHost(Hosts.Count, behavior)
        {
            IsSynchronous = synchronous,
            DelayUs = delayUs,
            PipeCapacity = capacity,
            Accepted = (end, owner) => OnUpstreamAccepted(host, end, owner),
        };
        Hosts.Add(host);
        _hosts.Add(host, (mode, script ?? (_ => ([PeerStep.Echo, PeerStep.HalfClose], true))));
        World.Transport.Add(host);
        return host;
    }

    /// <summary>
    /// Puts the service in force, with the upstreams added so far unless the definition has its own, and begins to listen.
    /// </summary>
    public void Start(Func<ServiceDefinition, ServiceDefinition>? configure = null)
    {
        ServiceDefinition definition = new()
        {
            Name = "s",
            Upstreams = [.. Hosts.Select(h => new UpstreamDefinition($"u{h.Index}", _hosts[h].Mode, [h.Address]))],
        };
        Service = new ServiceState(configure is null ? definition : configure(definition));
        Service.CountIn(World.Registry, World.Context.Guards);
        _listener = new Listener(World.Context, World.Transports, Service, _bound);
        World.InLoop(_listener.Start);
    }

    public void StopListening() => World.InLoop(_listener!.Close);

    /// <summary>A client connects and plays its script.</summary>
    /// <param name="late">Whether its connection comes out of the listening socket after that was closed.</param>
    /// <param name="to">The listening socket; <see cref="Socket"/> when null.</param>
    public ClientRun Connect(
        PeerStep[] steps, int capacity = 16 << 10, int readBytes = 16 << 10, long readRestUs = 0, bool reads = true, bool late = false,
        SimListenSocket? to = null)
    {
        int id = Clients.Count;
        ClientRun client = new(id, AddressOf(id)) { AnnouncedSource = AddressOf(id), AnnouncedDestination = Local };
        (SimEnd near, SimEnd far) = SimEnd.Connect(World, capacity, client.Address, Local);
        client.Peer = new SimPeer(World, near, id, steps) { ReadBytes = readBytes, ReadRestUs = readRestUs, Reads = reads };
        client.Peer.Received = new Payload(this, client).OnReceived;
        Clients.Add(client);
        client.Peer.Start();
        if (late) Socket.GiveLate(far);
        else (to ?? Socket).Enqueue(far);
        return client;
    }

    /// <summary>Runs until every client that has connected has a record, and then until what is in flight has drained.</summary>
    public bool RunToEnd(long withinMs, int clients)
    {
        bool ended = World.RunUntil(() => Collect() >= clients, withinMs);
        World.RunUntil(() => World.FindLeak() is null, 2_000);
        // What was sent at the last moment has still to arrive, and slow readers to read it.
        World.RunUntil(() => Clients.TrueForAll(c => IsTold(c.Peer) && c.Upstreams.TrueForAll(u => IsTold(u.Peer))), withinMs);
        World.RunFor(50);
        Collect();
        return ended;
    }

    /// <summary>Whether the peer knows that its connection is over, by its own doing or by what came.</summary>
    public static bool IsTold(SimPeer peer) => peer.End.IsClosed || peer.SawEnd || peer.SawReset || peer.HasVanished;

    /// <summary>The one record of the client, after a run to the end.</summary>
    public SessionRecord RecordOf(ClientRun client)
    {
        Collect();
        return client.Records is [SessionRecord one]
            ? one
            : throw new InvalidOperationException($"{client.Records.Count} records of {client}");
    }

    /// <summary>Takes the records out of the ring; returns how many there were in all.</summary>
    public int Collect()
    {
        while (World.Records.TryRead(out SessionRecord record)) Clients[(int)(record.Peer.AddressV4 - FirstClient)].Records.Add(record);
        return Clients.Sum(c => c.Records.Count);
    }

    /// <summary>Throws when anything is still held, or something went wrong on the way.</summary>
    public void AssertClean()
    {
        World.RunUntil(() => World.FindLeak() is null, 2_000);
        if (World.FindLeak() is { } leak) Failures.Add(leak);
        if (FindCounted() is { } counted) Failures.Add(counted);
        World.Buffers.VerifyAndRelease();
        Assert.Empty(Failures);
    }

    /// <summary>The live sessions, the latest first.</summary>
    public static List<Session> LiveOf(LoopContext context)
    {
        List<Session> live = [];
        for (Session? session = context.Latest; session is not null; session = session.NextLive) live.Add(session);
        return live;
    }

    /// <summary>What the service or an upstream still counts as its sessions, or counts wrongly, in words; null when all is well.</summary>
    public string? FindCounted()
    {
        if (Service.Sessions.Current != 0) return $"{Service.Sessions.Current} sessions of the service are counted";
        UpstreamDefinition? upstream = Service.Definition.Upstreams.FirstOrDefault(u => u.Activity.Sessions != 0);
        return upstream is null ? CountedRuns.Find(this) : $"{upstream.Activity.Sessions} sessions of {upstream.Name} are counted";
    }

    private void OnAdopted(object owner, SimEnd end)
    {
        ClientRun client = Clients[(int)(end.Remote.AddressV4 - FirstClient)];
        _sessions[owner] = client;
        client.LastActivityUs = World.Clock.NowUs;
    }

    private void OnUpstreamAccepted(SimHost host, SimEnd end, object owner)
    {
        ClientRun client = _sessions[owner];
        (HeaderMode mode, Func<ClientRun, (PeerStep[] Steps, bool Echoes)> script) = _hosts[host];
        (PeerStep[] steps, bool echoes) = script(client);
        SimPeer peer = new(World, end, 1000 + host.Index, steps) { Reads = host.Reads };
        client.Upstreams.Add(new UpstreamRun(client, host, peer, mode, echoes, f => Failures.Add($"{f}, of {client}")));
        // After the session is proxied: nothing comes before the connect has completed.
        World.Schedule(0, peer.Start);
    }

    /// <summary>Checks what a client receives as it comes.</summary>
    private sealed class Payload(SessionHarness harness, ClientRun client)
    {
        private long _position;

        public void OnReceived(ReadOnlyMemory<byte> bytes)
        {
            if (!SimPattern.Matches(bytes.Span, client.ExpectedStream, _position))
                harness.Failures.Add($"other bytes than the upstream sent, at {_position}, at {client}");
            _position += bytes.Length;
        }
    }
}
