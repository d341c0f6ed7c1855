using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The check results, passed from one version of the program to another: each verdict separately, so that an unreadable one affects neither
/// the others nor the take-over. Bounded. Pure, any thread.
/// </summary>
internal static class HealthParcel
{
    /// <summary>Half of the document: the other half is for addresses.</summary>
    public const int BytesMax = TakeOverLimits.DocumentBytesMax / 2;

    /// <summary>As many as fit; those of upstreams that are down first, since they are the ones that keep clients from harm.</summary>
    public static JsonElement? Pack(ImmutableArray<HealthVerdict> verdicts)
    {
        if (verdicts.IsEmpty) return null;
        List<JsonElement> packed = [];
        int bytes = 0;
        foreach (HealthVerdict verdict in verdicts.OrderBy(v => v.IsUp))
        {
            JsonElement one = JsonSerializer.SerializeToElement(verdict, HealthParcelContext.Default.HealthVerdict);
            // With its comma.
            bytes += JsonSerializer.SerializeToUtf8Bytes(one, HealthParcelContext.Default.JsonElement).Length + 1;
            if (bytes > BytesMax) break;
            packed.Add(one);
        }
        return JsonSerializer.SerializeToElement([.. packed], HealthParcelContext.Default.JsonElementArray);
    }

    /// <summary>Those that can be read, with text that is fit for a terminal.</summary>
    public static ImmutableArray<HealthVerdict> Unpack(JsonElement? parcel)
    {
        if (parcel is not { ValueKind: JsonValueKind.Array } array) return [];
        ImmutableArray<HealthVerdict>.Builder verdicts = ImmutableArray.CreateBuilder<HealthVerdict>();
        foreach (JsonElement one in array.EnumerateArray())
        {
            if (Read(one) is { } verdict) verdicts.Add(verdict);
        }
        return verdicts.ToImmutable();
    }

    private static HealthVerdict? Read(JsonElement one)
    {
        try
        {
            return one.Deserialize(HealthParcelContext.Default.HealthVerdict);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Of a later version, which says it otherwise: this upstream begins as it is configured.
            return null;
        }
    }
}

/// <summary>
/// How it is written and read: generated, without reflection. Keys that it does not know are left alone. Immutable, any thread.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(HealthVerdict))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonElement[]))]
internal sealed partial class HealthParcelContext : JsonSerializerContext;
