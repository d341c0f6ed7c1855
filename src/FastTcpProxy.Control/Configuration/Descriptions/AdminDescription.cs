namespace FastTcpProxy.Control.Configuration;

/// <summary>The keys of <c>admin</c>. Immutable, any thread.</summary>
internal static class AdminDescription
{
    private static readonly Key<string?> Socket = Key<string?>.WithComputedDefault("socket",
        new PathKind(ConfigurationLimits.SocketPathBytesMax), () => null,
        "The absolute path of the UNIX socket of the administrative interface; without it there is none.",
        "\"/run/fasttcpproxy/admin.sock\"");

    private static readonly Key<string?> StateDirectory = Key<string?>.WithComputedDefault("stateDirectory",
        new PathKind(ConfigurationLimits.PathBytesMax), () => null,
        "The absolute path of the directory that keeps what an operator set at run time; without it that is lost with the process.",
        "\"/var/lib/fasttcpproxy\"");

    public static ObjectKind<AdminConfiguration?> Kind { get; } = new([Socket, StateDirectory], reader => new AdminConfiguration
    {
        Socket = reader.Get(Socket),
        StateDirectory = reader.Get(StateDirectory),
    });
}
