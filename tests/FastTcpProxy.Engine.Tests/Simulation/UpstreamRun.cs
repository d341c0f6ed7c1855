using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// One connection that a simulated upstream accepted: checks the header that comes first, and that the payload behind it is the client's,
/// byte for byte. One thread; owned by the harness.
/// </summary>
internal sealed class UpstreamRun
{
    private readonly ClientRun _client;
    private readonly HeaderMode _mode;
    private readonly bool _echoes;
    private readonly Action<string> _fail;
    private readonly List<byte> _header = [];
    private bool _headerSeen;

    public UpstreamRun(ClientRun client, SimHost host, SimPeer peer, HeaderMode mode, bool echoes, Action<string> fail)
    {
        _client = client;
        _mode = mode;
        _echoes = echoes;
        _fail = fail;
        Host = host;
        Peer = peer;
        peer.Received = OnReceived;
        _headerSeen = mode == HeaderMode.Raw;
        client.ExpectedStream = echoes ? client.Id : peer.Stream;
    }

    public SimHost Host { get; }

    public SimPeer Peer { get; }

    public bool HeaderIsWhole => _headerSeen;

    /// <summary>Bytes behind the header.</summary>
    public long Payload { get; private set; }

    /// <summary>Pieces that were read: the first one should bring the whole header.</summary>
    public int Pieces { get; private set; }

    private void OnReceived(ReadOnlyMemory<byte> bytes)
    {
        Pieces++;
        if (!_headerSeen)
        {
            _header.AddRange(bytes.Span);
            byte[] all = [.. _header];
            switch (ProxyHeaderDecoder.Decode(all, out ProxyHeader header, out ProxyDecodeError error))
            {
                case ProxyDecodeStatus.Invalid:
                    _fail($"the upstream got an invalid header: {error}");
                    return;
                case ProxyDecodeStatus.NeedMore:
                    return;
            }
            Check(header);
            _headerSeen = true;
            bytes = all.AsMemory(header.Length);
        }
        if (bytes.IsEmpty) return;
        if (!SimPattern.Matches(bytes.Span, _client.Id, Payload)) _fail($"the upstream got other bytes than the client sent, at {Payload}");
        Payload += bytes.Length;
        if (_echoes) Peer.Return(bytes);
    }

    private void Check(in ProxyHeader header)
    {
        if (header.Version != (_mode == HeaderMode.ProxyV1 ? 1 : 2)) _fail($"a header of version {header.Version} in mode {_mode}");
        if (header.Source != _client.AnnouncedSource) _fail($"announced as {header.Source} instead of {_client.AnnouncedSource}");
        if (header.Destination != _client.AnnouncedDestination)
            _fail($"destination {header.Destination} instead of {_client.AnnouncedDestination}");
    }
}
