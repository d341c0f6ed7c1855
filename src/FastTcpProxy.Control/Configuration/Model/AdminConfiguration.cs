using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>The administrative interface. Immutable, any thread.</summary>
public sealed record AdminConfiguration
{
    /// <summary>The absolute path of its UNIX socket, or null for none.</summary>
    public string? Socket { get; init; }

    /// <summary>Who may connect to <see cref="Socket"/>; its mode is 0660 where none is given.</summary>
    public SocketPermissions SocketPermissions { get; init; } = SocketPermissions.AsBound;

    /// <summary>Where it listens on TCP, each <see cref="AddressKind.Ip"/>; most often nowhere.</summary>
    public EquatableArray<ConfiguredListenAddress> Listen { get; init; } = [];

    /// <summary>The absolute path of the file with the token that TCP clients must send; null: it does not listen on TCP.</summary>
    public string? TokenFile { get; init; }

    /// <summary>
    /// The absolute path of a PEM file with the certificate of the TCP listeners and those between it and its issuer; with it all of them
    /// speak TLS. Null: all listen on loopback addresses, without TLS.
    /// </summary>
    public string? CertificateFile { get; init; }

    /// <summary>
    /// The absolute path of a PEM file with the certificate's key, not encrypted; null: it is in <see cref="CertificateFile"/>.
    /// </summary>
    public string? KeyFile { get; init; }

    /// <summary>The absolute path of the directory in which the operator's state outlives a restart, or null when it does not.</summary>
    public string? StateDirectory { get; init; }
}

/// <summary>Where the administrative socket is, and who may connect. Immutable, any thread.</summary>
/// <param name="Path">Absolute.</param>
internal sealed record AdminSocketSetting(string Path)
{
    public SocketPermissions Permissions { get; init; } = SocketPermissions.AsBound;
}
