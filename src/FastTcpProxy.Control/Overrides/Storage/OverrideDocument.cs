using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>The state file: JSON, one object. Immutable.</summary>
/// <param name="Format">Always <see cref="FormatName"/>: another file of this name is told by it.</param>
/// <param name="Version">Always <see cref="VersionNow"/>.</param>
internal sealed record OverrideDocument(string Format, int Version, ImmutableArray<OverrideEntry> Upstreams, ImmutableArray<OrderEntry> Orders)
{
    public const string FormatName = "fasttcpproxy-overrides";

    public const int VersionNow = 1;
}

/// <summary>An override of an upstream. Immutable.</summary>
/// <param name="ConfiguredAddress">What the configuration said when it was set.</param>
/// <param name="ConfiguredEnabled">Likewise.</param>
internal sealed record OverrideEntry(
    string Service,
    string Upstream,
    OverrideState State,
    string Reason,
    string Author,
    DateTimeOffset At,
    DateTimeOffset? Expires,
    string ConfiguredAddress,
    bool ConfiguredEnabled);

/// <summary>An override of an order. Immutable.</summary>
/// <param name="Configured">The order of the configuration when it was set.</param>
internal sealed record OrderEntry(
    string Service,
    ImmutableArray<string> Names,
    string Reason,
    string Author,
    DateTimeOffset At,
    DateTimeOffset? Expires,
    ImmutableArray<string> Configured);

/// <summary>How it is written, and how strictly it is read. Generated, without reflection. Immutable, any thread.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(OverrideDocument))]
internal sealed partial class OverrideDocumentContext : JsonSerializerContext;
