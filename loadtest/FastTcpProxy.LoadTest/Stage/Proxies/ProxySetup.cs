using System.Net;

namespace FastTcpProxy.LoadTest.Stage.Proxies;

/// <summary>What all proxies of a scenario are set to alike. Immutable.</summary>
/// <param name="Listen">Of the service that is put to the test: its upstreams are a, the primary, and b.</param>
/// <param name="Neighbour">Of another service of the same process, whose upstream is c.</param>
/// <param name="ConnectTimeout">How long an upstream has to accept.</param>
/// <param name="HealthPort">Where health is asked for by HTTP, "/a" and "/b"; null: it is not.</param>
/// <param name="Connections">The most client connections at a time.</param>
/// <param name="IdleTimeout">How long a session of our own program may be silent; null: its default.</param>
/// <param name="AvoidsWaits">Whether each proxy does the best that it can be told to against the wait for a silent primary.</param>
internal sealed record ProxySetup(
    IPEndPoint Listen, IPEndPoint Neighbour, IPEndPoint A, IPEndPoint B, IPEndPoint C, TimeSpan ConnectTimeout, int? HealthPort,
    int Connections, TimeSpan? IdleTimeout = null, bool AvoidsWaits = false)
{
    /// <summary>In the checked scenarios, for each proxy: in production it is 15 s.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>What a proxy that cannot start a second attempt beside the first may wait instead.</summary>
    public static readonly TimeSpan ShortConnectTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>Failures in a row after which a proxy takes the primary out.</summary>
    public const int FailuresMax = 5;

    public const int Threads = 2, Backlog = 4096;
}
