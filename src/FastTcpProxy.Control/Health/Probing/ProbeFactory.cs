using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Resolution;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>Makes the probe that a check asks with. Any thread.</summary>
public static class ProbeFactory
{
    /// <summary>The probe for an upstream; nothing of it is on the network before it runs.</summary>
    /// <param name="config">How it is checked.</param>
    /// <param name="upstream">Whose address a TCP check connects to when it names none.</param>
    /// <param name="book">Where the addresses of names are looked up, at each probe.</param>
    /// <param name="time">The clock of timeouts and durations.</param>
    public static IProbe Create(HealthCheckConfiguration config, UpstreamConfiguration upstream, IAddressBook book, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(upstream);
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(time);
        return config.Type == CheckType.Http
            ? new HttpProbe(config, book, time)
            : new TcpProbe(config, config.Address ?? upstream.Address, book, time);
    }
}
