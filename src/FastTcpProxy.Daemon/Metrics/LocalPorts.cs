using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// The local ports that the connects of a service can use to one upstream, by source address. The kernel takes a pair of address and port
/// once for each destination (ip(7)). Immutable, any thread.
/// </summary>
internal sealed class LocalPorts
{
    private const string RangeFile = "/proc/sys/net/ipv4/ip_local_port_range";

    private static readonly ImmutableArray<LabelText> Any = [new(("source", "any"))];

    private LocalPorts(ImmutableArray<LabelText> sources) => Sources = sources;

    public ImmutableArray<LabelText> Sources { get; }

    /// <summary>How many local ports the kernel chooses from; null where that cannot be read.</summary>
    public static long? ReadRange()
    {
        try
        {
            string[] ends = File.ReadAllText(RangeFile).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return long.Parse(ends[1], CultureInfo.InvariantCulture) - long.Parse(ends[0], CultureInfo.InvariantCulture) + 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <param name="settings">Of the service.</param>
    public static LocalPorts Of(ServiceSettings settings) => new(
        settings.SourceAddresses.IsEmpty ? Any : [.. settings.SourceAddresses.Select(s => new LabelText(("source", Text(s))))]);

    /// <summary>Connects take the sources in turn, so each has an even share.</summary>
    public long Used(UpstreamView upstream) =>
        (upstream.Counts.Sessions + upstream.Counts.Pending + Sources.Length - 1) / Sources.Length;

    private static string Text(InetEndPoint source) => source.ToIPEndPoint().Address.ToString();
}
