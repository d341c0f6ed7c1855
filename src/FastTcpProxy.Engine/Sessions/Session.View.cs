using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Sessions;

/// <content>What other code may ask of a live session, inside its loop.</content>
internal sealed partial class Session
{
    /// <summary>The number of the session; the object has another one for each client.</summary>
    internal long Id { get; private set; }

    internal string ServiceName => _service!.Name;

    internal InetEndPoint ClientEnd => _forwarded?.Source ?? _peer;

    /// <summary>
    /// Whether an entry denies its client now. A balancer is trusted: while its header is not read, and when that names no client, there is
    /// no client to be denied.
    /// </summary>
    internal bool IsDenied
    {
        get
        {
            if (_state == SessionState.Idle || ClientEnd.Family == EndPointFamily.Unspecified) return false;
            if (_forwarded is null && _service!.AcceptProxy is { } accept && accept.From.Contains(_peer)) return false;
            return _context.Guards.Find(_serviceState!.Definition.Guards, _serviceState.Guarded, ClientEnd, _context.Loop.SharedUs)
                == NetworkVerdict.Denied;
        }
    }

    /// <summary>The upstream that it is proxied to or connecting to, or null.</summary>
    internal string? UpstreamName => _upstream is null ? null : _service!.Upstreams[_attempt.Place.Upstream].Name;

    /// <summary>Whether it is proxied to the upstream of this name.</summary>
    internal bool IsProxiedTo(Services.ServiceState service, string upstream) =>
        HasTwoEnds && ReferenceEquals(_serviceState, service) && UpstreamName == upstream;

    internal bool CameThrough(BoundListener listener) => ReferenceEquals(_listener, listener);

    internal SessionView ToView()
    {
        long ageUs = _context.Loop.NowUs - _startedUs;
        bool relays = HasTwoEnds;
        return new SessionView
        {
            Id = Id,
            Service = ServiceName,
            Listener = _listener!.Address.Text,
            Peer = _peer,
            Client = ClientEnd,
            State = _state,
            Upstream = UpstreamName,
            UpstreamAddress = _upstream is null ? null : _upstreamAddress,
            StartedAt = _context.Loop.UtcNow - TimeSpan.FromMicroseconds(ageUs),
            BytesFromClient = relays ? _fromClient.Bytes : 0,
            BytesFromUpstream = relays ? _fromUpstream.Bytes : 0,
            IdleMs = relays ? Math.Max(_context.Loop.NowMs - _lastActivityMs, 0) : ageUs / 1000,
        };
    }
}
