using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Engine;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of <c>engine</c>. Immutable, any thread.</summary>
internal static class EngineKeys
{
    /// <summary>Two descriptors a session stay below a quarter of the 524,288 that systemd gives a process.</summary>
    private const int SessionsDefault = 65_536;

    private static readonly Key<int> Threads = Key<int>.WithComputedDefault("threads", new IntegerKind(1, ConfigurationLimits.ThreadsMax),
        () => EngineOptions.ThreadsDefault,
        "The number of socket threads. By default one per core; `--threads` overrides it.", "4");

    private static readonly Key<int> MaxSessions = Key<int>.WithDefault("maxSessions", new IntegerKind(1, ConfigurationLimits.SessionsMax),
        SessionsDefault,
        "The most sessions of all services together; a client beyond it is refused. Each session takes two descriptors.", "65536");

    private static readonly Key<TimeSpan> DrainTimeout = Key<TimeSpan>.WithDefault("drainTimeout",
        new DurationKind(ConfigurationLimits.DurationMin, ConfigurationLimits.DurationMax), TimeSpan.FromSeconds(30),
        "How long sessions may continue after the first SIGTERM before they are reset. "
        + "Keep it below the stop timeout of the service manager.",
        "\"30s\"");

    public static ObjectKind<EngineConfiguration> Kind { get; } = new([Threads, MaxSessions, DrainTimeout], reader =>
        new EngineConfiguration
    {
        Threads = reader.Get(Threads),
        MaxSessions = reader.Get(MaxSessions),
        DrainTimeout = reader.Get(DrainTimeout),
    });
}
