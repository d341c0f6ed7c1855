using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>What was probably meant by the name of a service or an upstream that does not exist. Pure, any thread.</summary>
internal static class NameHint
{
    /// <summary>Names that are listed: of more, the nearest says enough, and <c>upstream list</c> the rest.</summary>
    private const int ListedMax = 10;

    /// <summary>Which name is unknown, which there are, and the nearest; null when all are known.</summary>
    /// <param name="names">The service, null where none was named, and upstreams of it, or of any.</param>
    /// <param name="services">What there is.</param>
    public static string? For((string? Service, ImmutableArray<string> Upstreams) names, ImmutableArray<ServiceDocument> services)
    {
        ServiceDocument? service = services.FirstOrDefault(s => s.Name == names.Service);
        if (names.Service is { } wanted && service is null)
            return $"there is no service {wanted}, {Expect(wanted, [.. services.Select(s => s.Name)])}";
        ImmutableArray<string> known =
            [.. (service is null ? services : [service]).SelectMany(s => s.Upstreams).Select(u => u.Name).Distinct()];
        return names.Upstreams.FirstOrDefault(u => !known.Contains(u)) is { } stranger
            ? $"{(service is null ? "no service has an" : $"service {service.Name} has no")} upstream {stranger}, {Expect(stranger, known)}"
            : null;
    }

    private static string Expect(string wrong, ImmutableArray<string> known) =>
        $"expected one of {string.Join(", ", known.Take(ListedMax))}{(known.Length > ListedMax ? ", ..." : "")}"
        + (Spelling.Nearest(wrong, known) is { } nearest ? $"; did you mean {nearest}?" : "");
}
