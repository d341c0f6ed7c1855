using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>Where metrics are sent to by OTLP, and how. Immutable, any thread.</summary>
public sealed record OtlpConfiguration
{
    /// <summary>The collector. Over HTTP, <c>/v1/metrics</c> is its path when it has none; for gRPC the path is fixed.</summary>
    public required Uri Endpoint { get; init; }

    public required OtlpProtocol Protocol { get; init; }

    /// <summary>From the begin of one export to the next.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>How long one request may take, its connect included.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>A PEM file with the certificates of the issuers that are trusted; null: those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether requests are compressed (gzip).</summary>
    public bool IsCompressed { get; init; }

    /// <summary>What every request carries beside the protocol's own; read from a file.</summary>
    public EquatableArray<OtlpHeader> Headers { get; init; } = [];
}

/// <summary>A header of every request. Immutable, any thread.</summary>
/// <param name="Value">Most often a secret.</param>
public sealed record OtlpHeader(string Name, string Value)
{
    /// <summary>Without the value, so that no log has it.</summary>
    public override string ToString() => Name;
}

/// <summary>How requests are carried (OTLP specification, "Protocol Details").</summary>
public enum OtlpProtocol
{
    /// <summary>A POST of a Protocol Buffers message.</summary>
    HttpProtobuf,

    /// <summary>The same message by a call of gRPC.</summary>
    Grpc,
}
