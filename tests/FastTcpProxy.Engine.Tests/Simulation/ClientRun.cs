using FastTcpProxy.Engine.Records;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// One client of a simulated run: its peer, what it should be announced as, and all that was seen of it. One thread; owned by the harness.
/// </summary>
internal sealed class ClientRun(int id, InetEndPoint address)
{
    /// <summary>Its number, and that of the stream of bytes that it sends.</summary>
    public int Id { get; } = id;

    public InetEndPoint Address { get; } = address;

    public SimPeer Peer { get; set; } = null!;

    /// <summary>Who an upstream should be told the client is, and where it connected to.</summary>
    public InetEndPoint AnnouncedSource { get; set; }

    public InetEndPoint AnnouncedDestination { get; set; }

    /// <summary>Whether what it sends as a balancer's header is none.</summary>
    public bool SendsInvalidHeader { get; set; }

    /// <summary>The stream that it should receive: its own when the upstream echoes.</summary>
    public int ExpectedStream { get; set; } = -1;

    /// <summary>The upstream connections that were accepted for it.</summary>
    public List<UpstreamRun> Upstreams { get; } = [];

    /// <summary>The hosts that were tried for it, in order.</summary>
    public List<SimHost> Tried { get; } = [];

    /// <summary>When its session last moved or learned something, in microseconds.</summary>
    public long LastActivityUs { get; set; }

    /// <summary>What the streams of its session had in flight when they were closed.</summary>
    public Unheard Unheard { get; set; }

    /// <summary>The records of its sessions: exactly one when the run is over.</summary>
    public List<SessionRecord> Records { get; } = [];

    public override string ToString() => $"client {Id} ({Peer.Script}; sent {Peer.SentBytes}, received {Peer.ReceivedBytes})";
}
