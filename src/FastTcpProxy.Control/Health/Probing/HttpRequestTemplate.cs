using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>Makes the request that a check sends at each of its probes. Pure, any thread.</summary>
internal static class HttpRequestTemplate
{
    /// <summary>
    /// The request, which can be sent again and again: the client below <c>HttpClient</c> does not change it. It asks the server to close,
    /// as no connection is used twice.
    /// </summary>
    /// <param name="error">What of the configuration cannot be sent, or null.</param>
    public static HttpRequestMessage Make(HealthCheckConfiguration config, out string? error)
    {
        HttpRequestMessage request = new(new HttpMethod(config.Method), config.Url)
        {
            Version = System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (!config.Content.IsEmpty) request.Content = ContentOf(config.Content);
        error = null;
        foreach (CheckHeader header in config.Headers)
        {
            if (request.Headers.TryAddWithoutValidation(header.Name, header.Value)) continue;
            // The platform keeps some fields (Content-Type) with the body, also when that is empty.
            request.Content ??= ContentOf([]);
            if (!request.Content.Headers.TryAddWithoutValidation(header.Name, header.Value))
                error = $"the header {header.Name} cannot be sent";
        }
        // A value that the platform takes for no host would stand beside its own.
        if (HostOf(config) is { } host && request.Headers.Host is null) error = $"the Host header {Wording.Quote(host)} names no host";
        request.Headers.ConnectionClose = true;
        return request;
    }

    /// <summary>The Host header of the configuration, or null.</summary>
    public static string? HostOf(HealthCheckConfiguration config)
    {
        foreach (CheckHeader header in config.Headers)
        {
            if (header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)) return header.Value;
        }
        return null;
    }

    private static ByteArrayContent ContentOf(ImmutableArray<byte> bytes) => new(ImmutableCollectionsMarshal.AsArray(bytes)!);
}
