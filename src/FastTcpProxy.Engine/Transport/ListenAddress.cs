using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// Where a service listens: an IP address and port, or the path of a UNIX socket. Immutable. Two are equal when one socket can be both.
/// </summary>
public sealed class ListenAddress : IEquatable<ListenAddress>
{
    /// <param name="endPoint">Port 0 lets the kernel choose one.</param>
    /// <param name="dualStack">Whether "[::]" takes IPv4 clients too; of no account for other addresses.</param>
    public ListenAddress(IPEndPoint endPoint, bool dualStack = true)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        IsDualStack = dualStack && endPoint.Address.Equals(IPAddress.IPv6Any);
        EndPoint = endPoint;
        Text = endPoint.ToString();
    }

    /// <param name="unixPath">A path in the file system, at most 107 bytes (unix(7)).</param>
    /// <param name="permissions">Who may connect; null: whom the bind and the umask let in.</param>
    public ListenAddress(string unixPath, SocketPermissions? permissions = null)
    {
        Permissions = permissions ?? SocketPermissions.AsBound;
        EndPoint = new UnixDomainSocketEndPoint(unixPath);
        UnixPath = unixPath;
        Text = "unix:" + unixPath;
    }

    public EndPoint EndPoint { get; }

    /// <summary>Null for an IP address.</summary>
    public string? UnixPath { get; }

    /// <summary>Of a UNIX socket: it may change while the socket stays, so two that differ in it alone are equal.</summary>
    public SocketPermissions Permissions { get; } = SocketPermissions.AsBound;

    /// <summary>Whether an IPv6 socket takes IPv4 clients too; else it is for IPv6 alone (IPV6_V6ONLY, ipv6(7)).</summary>
    public bool IsDualStack { get; }

    /// <summary>As in the configuration: "0.0.0.0:25", "[::]:25", "unix:/run/x.sock".</summary>
    public string Text { get; }

    /// <summary>Whether a connection's own address may be another than this one.</summary>
    public bool IsWildcard => EndPoint is IPEndPoint ip && (ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any));

    public bool Equals(ListenAddress? other) => other is not null && Text == other.Text && IsDualStack == other.IsDualStack;

    public override bool Equals(object? obj) => Equals(obj as ListenAddress);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
