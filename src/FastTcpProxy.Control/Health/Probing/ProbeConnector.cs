using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.ProxyProtocol;
using UpstreamDefinition = FastTcpProxy.Engine.Upstreams.UpstreamDefinition;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Opens a probe's connection: to an address, to the addresses of a name one after the other as failover would, or to a UNIX socket; and
/// sends the PROXY header. Used by one probe at a time.
/// </summary>
internal sealed class ProbeConnector
{
    private readonly IAddressBook _book;
    private readonly CheckProxyHeader _header;
    private readonly string? _name;
    private readonly int _port;

    // More than one packet is sent: Nagle's algorithm would hold the second until a delayed acknowledgement comes, 40 ms.
    private readonly bool _noDelay;

    private ImmutableArray<IPAddress> _known;
    private ImmutableArray<EndPoint> _targets;

    /// <param name="config">Only the part that is sent is used.</param>
    public ProbeConnector(ConfiguredUpstreamAddress address, HealthCheckConfiguration config, IAddressBook book)
        : this(config, book)
    {
        _port = address.Port;
        if (address.Kind == AddressKind.Dns) _name = address.DnsName;
        else _targets = [address.Kind == AddressKind.Unix ? new UnixDomainSocketEndPoint(address.Path!) : address.EndPoint!];
    }

    /// <inheritdoc cref="ProbeConnector(ConfiguredUpstreamAddress, HealthCheckConfiguration, IAddressBook)"/>
    public ProbeConnector(Uri url, HealthCheckConfiguration config, IAddressBook book)
        : this(config, book)
    {
        _port = url.Port;
        if (IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address)) _targets = [new IPEndPoint(address, _port)];
        else _name = url.IdnHost;
    }

    private ProbeConnector(HealthCheckConfiguration config, IAddressBook book)
    {
        _book = book;
        _header = config.ProxyHeader;
        _noDelay = config.Url?.Scheme == Uri.UriSchemeHttps || config.UsesTls || config.Type is not (CheckType.Http or CheckType.Tcp)
            || !config.Content.IsEmpty || !config.Steps.IsEmpty || config.ProxyHeader != CheckProxyHeader.None;
    }

    /// <summary>Connects and says the header; what went wrong, or null.</summary>
    public async ValueTask<ProbeOutcome?> OpenAsync(ProbeConnection connection)
    {
        if (_name is not null && !TryLookUp(_name, out string? error))
        {
            string reason = error is null ? "" : ": " + error;
            return new(ProbeFailure.Unresolved, $"the name {_name} has no address{reason}");
        }
        // A copy: no look-up changes it while it is gone through.
        ImmutableArray<EndPoint> targets = _targets;
        (SocketError Error, EndPoint Target)? lack = null;
        for (int i = 0; ; i++)
        {
            SocketError result = await connection.ConnectAsync(targets[i], targets.Length - i, _noDelay);
            if (result == SocketError.Success) break;
            if (ConnectFailures.Of(result, targets[i]).IsOwnLack) lack = (result, targets[i]);
            if (i + 1 < targets.Length && connection.End == ProbeEnd.None) continue;
            // As long as one address was not asked, the upstream has not failed.
            (SocketError why, EndPoint where) = lack ?? (result, targets[i]);
            return ConnectFailures.Describe(why, where, targets.Length, connection);
        }
        return _header == CheckProxyHeader.None || await SendHeaderAsync(connection)
            ? null
            : AnswerFailures.Describe(connection);
    }

    /// <summary>The header for a connection with these ends.</summary>
    internal static byte[] MakeHeader(CheckProxyHeader version, EndPoint? local, EndPoint? remote)
    {
        Span<byte> header = stackalloc byte[ProxyHeaderEncoder.MaxV1Length];
        int length;
        if (version == CheckProxyHeader.V2)
            ProxyHeaderEncoder.TryWriteV2Local(header, default, out length);
        else if (version == CheckProxyHeader.V2Addresses && local is IPEndPoint from && remote is IPEndPoint to)
            ProxyHeaderEncoder.TryWriteV2(header, InetEndPoint.FromIPEndPoint(from), InetEndPoint.FromIPEndPoint(to), default, out length);
        else if (version == CheckProxyHeader.V2Addresses)
            ProxyHeaderEncoder.TryWriteV2Local(header, default, out length);
        else if (local is IPEndPoint source && remote is IPEndPoint target)
            ProxyHeaderEncoder.TryWriteV1(header, InetEndPoint.FromIPEndPoint(source), InetEndPoint.FromIPEndPoint(target), out length);
        else
            ProxyHeaderEncoder.TryWriteV1Unknown(header, out length);
        return header[..length].ToArray();
    }

    private async ValueTask<bool> SendHeaderAsync(ProbeConnection connection) =>
        connection.Ends is { } ends
        && await connection.SendHeaderAsync(_header, MakeHeader(_header, ends.Local, ends.Remote));

    private bool TryLookUp(string name, out string? error)
    {
        ImmutableArray<IPAddress> found = _book.Find(name, out error);
        if (found.IsDefaultOrEmpty) return false;
        // The book gives out the same array until the addresses change.
        if (found == _known) return true;
        _known = found;
        _targets = [.. found.Take(UpstreamDefinition.AddressesMax).Select(address => new IPEndPoint(address, _port))];
        return true;
    }
}
