using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>The state file: JSON, one object. Immutable.</summary>
/// <param name="Format">Always <see cref="FormatName"/>; a foreign file of this name is recognised by it.</param>
/// <param name="Version">Always <see cref="VersionNow"/>.</param>
internal sealed record StateDocument(string Format, int Version, ImmutableArray<UpstreamOverride> Upstreams,
    ImmutableArray<OrderOverride> Orders)
{
    public const string FormatName = "fasttcpproxy-overrides";

    public const int VersionNow = 1;
}

/// <summary>How it is written, and how strictly it is read. Generated, without reflection. Immutable, any thread.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(StateDocument))]
internal sealed partial class StateDocumentContext : JsonSerializerContext;
