namespace FastTcpProxy.Testing.Processes;

/// <summary>How a <see cref="ProxyProcess"/> is started, beside its configuration. Immutable.</summary>
public sealed record ProxyOptions
{
    /// <summary>The value of --log-format: "json", "tcplog" or "none".</summary>
    public string LogFormat { get; init; } = "json";

    /// <summary>Arguments after those that every start has.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables beside those of the test process.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>
    /// Sends the session log to /dev/full, on which every write fails as on a full disk. The sessions cannot be waited for then.
    /// </summary>
    public bool OutputToFullDisk { get; init; }

    /// <summary>
    /// Commands of sh(1) that run before the program and in its process: limits, redirections. "$FOLDER" is the folder of the
    /// configuration.
    /// </summary>
    public string Before { get; init; } = "";

    /// <summary>
    /// Starts it in a network of its own (unshare(1), needs root), in which <see cref="Before"/> sets up the rest: at first there is
    /// not even a loopback. It is reached from outside over UNIX sockets alone. What it mounts is its own as well.
    /// </summary>
    public bool OwnNetwork { get; init; }

    /// <summary>What <see cref="Before"/> mounts is the program's own; with the network of the machine (unshare(1), needs root).</summary>
    public bool OwnMounts { get; init; }

    /// <summary>How long the start may take.</summary>
    public TimeSpan StartWithin { get; init; } = Deadline.Patient;
}
