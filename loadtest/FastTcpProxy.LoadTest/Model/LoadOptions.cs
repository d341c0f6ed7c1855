namespace FastTcpProxy.LoadTest.Model;

/// <summary>Which proxy a run is against.</summary>
public enum ProxyKind
{
    FastTcpProxy,
    HAProxy,
    Nginx,
}

/// <summary>How a run differs from the scenario as it stands. Immutable.</summary>
/// <param name="Rate">Arrivals a second, or copies.</param>
/// <param name="Duration">How long arrivals continue, in whole seconds.</param>
/// <param name="Proxy">What is put to the test.</param>
/// <param name="Program">A build of fasttcpproxy; null: the one that was built with this program.</param>
/// <param name="ConnectTimeout">How long an upstream has to accept; 5 s in production.</param>
/// <param name="MemoryMib">The memory limit of the proxy's control group, in MiB; null: it has no group of its own.</param>
public sealed record LoadOptions(int Rate, TimeSpan Duration, ProxyKind Proxy, string? Program, TimeSpan ConnectTimeout,
    int? MemoryMib = null)
{
    public static readonly TimeSpan ConnectTimeoutDefault = TimeSpan.FromSeconds(5);

    /// <summary>The full run of a scenario, against the program that was built with this one.</summary>
    public static LoadOptions Of(Scenario scenario) =>
        new(scenario.Rate, scenario.Duration, ProxyKind.FastTcpProxy, null, ConnectTimeoutDefault, scenario.MemoryMib);

    /// <summary>A part of the duration, in whole seconds, at least one.</summary>
    public TimeSpan Part(double share) => TimeSpan.FromSeconds(Math.Max(1, Math.Round(Duration.TotalSeconds * share)));
}
