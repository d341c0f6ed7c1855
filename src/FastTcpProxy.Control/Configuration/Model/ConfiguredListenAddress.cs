using System.Net;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>Where a service listens. Immutable, any thread.</summary>
public sealed record ConfiguredListenAddress
{
    /// <summary><see cref="AddressKind.Ip"/> or <see cref="AddressKind.Unix"/>.</summary>
    public required AddressKind Kind { get; init; }

    /// <summary>The address as the file writes it.</summary>
    public required string Text { get; init; }

    /// <summary>Set for <see cref="AddressKind.Ip"/>: address and port 1 to 65535.</summary>
    public IPEndPoint? EndPoint { get; init; }

    /// <summary>Set for <see cref="AddressKind.Unix"/>: an absolute path that fits <c>sun_path</c> (unix(7)).</summary>
    public string? Path { get; init; }

    /// <summary>
    /// Whether the socket takes IPv4 clients too: so for <c>[::]:port</c>, unless the file also lists <c>0.0.0.0:port</c>. All other IPv6
    /// sockets are <c>IPV6_V6ONLY</c>.
    /// </summary>
    public bool DualStack { get; init; }

    /// <summary>Of the file of a UNIX socket.</summary>
    public SocketPermissions Permissions { get; init; } = SocketPermissions.AsBound;

    /// <inheritdoc/>
    public override string ToString() => Text;
}
