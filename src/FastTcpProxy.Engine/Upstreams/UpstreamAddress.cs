using System.Net;
using System.Net.Sockets;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>One address to which a connect can be tried: an IP address and port, or the path of a UNIX socket. Immutable.</summary>
public sealed class UpstreamAddress
{
    public UpstreamAddress(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        EndPoint = endPoint;
        Inet = InetEndPoint.FromIPEndPoint(endPoint);
        Text = endPoint.ToString();
    }

    /// <param name="unixPath">A path in the file system, at most 107 bytes (unix(7)).</param>
    public UpstreamAddress(string unixPath)
    {
        EndPoint = new UnixDomainSocketEndPoint(unixPath);
        UnixPath = unixPath;
        Text = "unix:" + unixPath;
    }

    public EndPoint EndPoint { get; }

    /// <summary>Unspecified for a UNIX socket.</summary>
    public InetEndPoint Inet { get; }

    /// <summary>Null for an IP address.</summary>
    public string? UnixPath { get; }

    /// <summary>"192.0.2.10:25", "[2001:db8::1]:25", "unix:/run/x.sock".</summary>
    public string Text { get; }

    public override string ToString() => Text;
}
