using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of <c>metrics</c> and of <c>metrics.otlp</c>. Immutable, any thread.</summary>
internal static class OtlpKeys
{
    private static readonly TimeSpan IntervalDefault = TimeSpan.FromSeconds(60), TimeoutDefault = TimeSpan.FromSeconds(10);

    private static readonly Key<Uri?> Endpoint = Key<Uri?>.Needed("endpoint", new EndpointKind(),
        "The URL of the collector. Over HTTP its path is /v1/metrics unless the URL has another; for gRPC the path is fixed.",
        "\"http://127.0.0.1:4318\"");

    private static readonly Key<OtlpProtocol> Protocol = Key<OtlpProtocol>.WithDefault("protocol",
        new ChoiceKind<OtlpProtocol>(
            ("http/protobuf", OtlpProtocol.HttpProtobuf, "POST requests over HTTP/1.1; collectors listen on port 4318."),
            ("grpc", OtlpProtocol.Grpc, "gRPC over HTTP/2; collectors listen on port 4317.")),
        OtlpProtocol.HttpProtobuf,
        "How requests are carried: POST requests over HTTP/1.1 (http/protobuf), or gRPC (grpc).", "\"grpc\"");

    private static readonly Key<TimeSpan> Interval = Key<TimeSpan>.WithDefault("interval",
        new DurationKind(TimeSpan.FromSeconds(1), ConfigurationLimits.WaitMax), IntervalDefault,
        "The time between two exports.", "\"15s\"");

    private static readonly Key<TimeSpan> Timeout = Key<TimeSpan>.WithDefault("timeout",
        new DurationKind(ConfigurationLimits.DurationMin, ConfigurationLimits.WaitMax), TimeoutDefault,
        "How long the collector may take for one request. One that fails is not sent again: the next export has all counts.", "\"5s\"");

    private static readonly Key<bool> Compression = Key<bool>.WithDefault("compression",
        new ChoiceKind<bool>(
            ("none", false, "Requests are sent as they are."),
            ("gzip", true, "Requests are compressed: a tenth of the bytes or less, for some milliseconds of processor time.")),
        false, "Whether requests are compressed (gzip) or not (none).", "\"gzip\"");

    private static readonly Key<string?> CaFile = Key<string?>.WithComputedDefault("caFile", new FilePathKind(), () => null,
        "A PEM file with the certificates of the issuers that are trusted for a collector at an https URL. By default the system's are "
        + "trusted. Read again after a handshake that failed.", "\"ca.pem\"");

    private static readonly Key<string?> HeadersFile = Key<string?>.WithComputedDefault("headersFile", new FilePathKind(), () => null,
        "A file with headers for every request, such as Authorization: a line each, a name, a colon and a value. It belongs to the "
        + "process's user or to root, and only its owner may read it (chmod 0600). Read with the configuration.",
        "\"otlp.headers\"");

    private static readonly Key<OtlpConfiguration?> Otlp = Key<OtlpConfiguration?>.WithComputedDefault("otlp",
        new ObjectKind<OtlpConfiguration?>([Endpoint, Protocol, Interval, Timeout, Compression, CaFile, HeadersFile], Make), () => null,
        "Sends all metrics to a collector by OTLP. Without this key nothing is sent.", """{ "endpoint": "http://127.0.0.1:4318" }""");

    /// <summary>The keys of <c>metrics</c>.</summary>
    public static ObjectKind<OtlpConfiguration?> Kind { get; } = new([Otlp], static reader => reader.Get(Otlp));

    private static OtlpConfiguration Make(ObjectReader reader) => new()
    {
        Endpoint = reader.Get(Endpoint) ?? new Uri("http://127.0.0.1:4318"),
        Protocol = reader.Get(Protocol),
        Interval = reader.Get(Interval),
        Timeout = reader.Get(Timeout),
        IsCompressed = reader.Get(Compression),
        CaFile = ReadCaFile(reader),
        Headers = ReadHeaders(reader),
    };

    private static string? ReadCaFile(ObjectReader reader)
    {
        if (reader.Context.FullPath(reader.Get(CaFile)) is not { } path) return null;
        if (reader.Context.PemFiles.CertificateRefusal(path) is { } why) reader.ReportFile(CaFile, why, "a PEM file with certificates");
        else if (reader.Get(Endpoint)?.Scheme == Uri.UriSchemeHttp && reader.Own(CaFile) is { } given)
            reader.Context.Problems.Warning(given.At, ConfigurationCodes.CheckKeyWithoutEffect,
                $"{given.Value.Path} has no effect, because the endpoint speaks no TLS, expected a URL that begins with https://");
        return path;
    }

    private static ImmutableArray<OtlpHeader> ReadHeaders(ObjectReader reader)
    {
        if (reader.Context.FullPath(reader.Get(HeadersFile)) is not { } path) return [];
        if (Reading.HeadersFile.TryRead(path, static (name, value) =>
            HttpFieldSyntax.NameRefusal(name) ?? HttpFieldSyntax.ValueRefusal(name, value), out ImmutableArray<OtlpHeader> headers,
            out string? why))
            return headers;
        reader.ReportFile(HeadersFile, why,
            $"a file of mode 0600 and at most {Reading.HeadersFile.HeadersMax} lines, each \"Name: value\"");
        return [];
    }
}
