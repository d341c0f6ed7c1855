using System.Globalization;
using System.Net;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>Where an upstream is reached. Immutable, any thread.</summary>
public sealed record ConfiguredUpstreamAddress
{
    /// <summary>Which of the other members are set.</summary>
    public required AddressKind Kind { get; init; }

    /// <summary>The address as the file writes it.</summary>
    public required string Text { get; init; }

    /// <summary>Set for <see cref="AddressKind.Ip"/>; never a wildcard.</summary>
    public IPEndPoint? EndPoint { get; init; }

    /// <summary>Set for <see cref="AddressKind.Dns"/>: the name in ASCII, without a port.</summary>
    public string? DnsName { get; init; }

    /// <summary>
    /// 1 to 65535 for <see cref="AddressKind.Ip"/> and <see cref="AddressKind.Dns"/>, 0 for <see cref="AddressKind.Unix"/>.
    /// </summary>
    public int Port { get; init; }

    /// <summary>Set for <see cref="AddressKind.Unix"/>: an absolute path that fits <c>sun_path</c> (unix(7)).</summary>
    public string? Path { get; init; }

    /// <summary>One text for all ways to write an address: DNS names have no case, paths do.</summary>
    public string Identity => Kind switch
    {
        AddressKind.Ip => IdentityOf(EndPoint!),
        AddressKind.Dns => IdentityOf(DnsName!, Port),
        _ => Text,
    };

    /// <summary>The <see cref="Identity"/> of an IP address with a port.</summary>
    public static string IdentityOf(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return endPoint.ToString();
    }

    /// <summary>The <see cref="Identity"/> of a DNS name in ASCII with a port.</summary>
    public static string IdentityOf(string name, int port)
    {
        ArgumentNullException.ThrowIfNull(name);
        return string.Create(CultureInfo.InvariantCulture, $"{name.ToUpperInvariant()}:{port}");
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>What an address of the configuration names.</summary>
public enum AddressKind
{
    /// <summary>An IP address and a port.</summary>
    Ip,

    /// <summary>A DNS name and a port; upstreams only.</summary>
    Dns,

    /// <summary>The path of a UNIX stream socket.</summary>
    Unix,
}
