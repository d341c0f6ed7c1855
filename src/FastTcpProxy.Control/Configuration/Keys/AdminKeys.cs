using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;
using SocketPermissions = FastTcpProxy.Engine.Transport.SocketPermissions;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of <c>admin</c>. Immutable, any thread.</summary>
internal static class AdminKeys
{
    private static readonly Key<AdminSocketSetting?> Socket = Key<AdminSocketSetting?>.WithComputedDefault("socket",
        new SocketFileKind<AdminSocketSetting?>(new AdminSocketKind(), "path", "The absolute path of the socket.",
            "\"/run/fasttcpproxy/admin.sock\"",
            static (socket, permissions) => socket! with { Permissions = permissions }), () => null,
        "The absolute path of the UNIX socket of the administrative interface, where `fasttcpproxy status` and the other commands ask. "
        + "May be an object with the mode and the group of its file. By default there is no socket.",
        "\"/run/fasttcpproxy/admin.sock\"");

    public static Key<ImmutableArray<ConfiguredListenAddress>> Listen { get; } =
        Key<ImmutableArray<ConfiguredListenAddress>>.WithComputedDefault("listen",
        new ListKind<ConfiguredListenAddress>(
            new ListenAddressKind(isAdmin: true), 1, ConfigurationLimits.AdminListenMax, distinct: true), () => [],
        "IP addresses with ports where the administrative interface listens on TCP too. Clients must send the token of tokenFile. "
        + "By default it does not listen on TCP.",
        "[\"127.0.0.1:9470\"]");

    public static Key<string?> TokenFile { get; } = Key<string?>.WithComputedDefault("tokenFile", new FilePathKind(), () => null,
        "The file with the token of TCP clients: one line of 16 to 512 visible characters. The file belongs to the process's user or to "
        + "root, and only its owner may read it (chmod 0600). Read at the start.",
        "\"admin.token\"");

    public static Key<string?> CertFile { get; } = Key<string?>.WithComputedDefault("certFile", new FilePathKind(), () => null,
        "A PEM file with the certificate of the TCP listeners and its intermediate certificates. With it they speak TLS. "
        + "Required unless all addresses are loopback.",
        "\"admin.pem\"");

    public static Key<string?> KeyFile { get; } = Key<string?>.WithComputedDefault("keyFile", new FilePathKind(), () => null,
        "A PEM file with the key of that certificate, not encrypted. By default it is in certFile.", "\"admin.key\"");

    public static Key<string?> StateDirectory { get; } = Key<string?>.WithComputedDefault("stateDirectory",
        new PathKind(ConfigurationLimits.PathBytesMax), () => null,
        "The absolute path of the directory that stores the overrides of operators. Without it overrides are lost when the process exits.",
        "\"/var/lib/fasttcpproxy\"");

    public static ObjectKind<AdminConfiguration?> Kind { get; } =
        new([Socket, Listen, TokenFile, CertFile, KeyFile, StateDirectory], Make, () => AdminRules.Schema);

    private static AdminConfiguration Make(ObjectReader reader)
    {
        AdminSocketSetting? socket = reader.Get(Socket);
        var admin = new AdminConfiguration
        {
            Socket = socket?.Path,
            SocketPermissions = socket?.Permissions ?? SocketPermissions.AsBound,
            Listen = reader.Get(Listen),
            TokenFile = reader.Context.FullPath(reader.Get(TokenFile)),
            CertificateFile = reader.Context.FullPath(reader.Get(CertFile)),
            KeyFile = reader.Context.FullPath(reader.Get(KeyFile)),
            StateDirectory = reader.Get(StateDirectory),
        };
        AdminRules.Check(admin, reader);
        return admin;
    }
}
