using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>The document that the old process sends before the descriptors, which follow in this order: those of the listeners, then those
/// of the administrative interface. Immutable.</summary>
/// <param name="Format"><see cref="Current"/>; another one is not understood.</param>
/// <param name="Version">Of the old program.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Listeners">Of the services.</param>
/// <param name="Admin">Of the administrative interface; empty where it has none.</param>
internal sealed record TakeOverDocument(
    int Format, string Version, int Pid, ImmutableArray<TakeOverListener> Listeners, ImmutableArray<TakeOverListener> Admin)
{
    public const int Current = 1;

    /// <summary>The format of a refusal, which a program that knows no refusals does not take for an offer of nothing.</summary>
    private const int Refusal = 0;

    /// <summary>
    /// How many steps of the hand-over the old process knows (<see cref="HandOverStep.All"/>): 1 in a program that does not say it, which
    /// knows <see cref="HandOverStep.Serving"/> alone.
    /// </summary>
    public int Steps { get; init; } = 1;

    /// <summary>What checks have found out, as <see cref="HealthParcel"/> reads it; nothing in a program that does not say it.</summary>
    public JsonElement? Health { get; init; }

    /// <summary>
    /// How many memories of counters are given on <see cref="HandOverStep.Counters"/>: this process's, and those of the earlier ones. None
    /// in a program that does not say it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Counters { get; init; }

    /// <summary>Why nothing is given, for the operator of the next process; null: all of it follows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Refused { get; init; }

    /// <summary>With a refusal: whether the old process is about to end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Ends { get; init; }

    [JsonIgnore]
    public int DescriptorsCount => Listeners.Concat(Admin).Sum(l => l.Descriptors);

    /// <summary>In place of an offer.</summary>
    public static TakeOverDocument Refuse(string version, int pid, string why, bool ends) =>
        new(Refusal, version, pid, [], []) { Refused = why, Ends = ends };

    /// <exception cref="TakeOverException">It is longer than it may be.</exception>
    public byte[] ToBytes()
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(this, TakeOverContext.Default.TakeOverDocument);
        return bytes.Length <= TakeOverLimits.DocumentBytesMax
            ? bytes
            : throw new TakeOverException(
                $"the document has {Counted.Of(bytes.Length, "byte")}, "
                + $"expected at most {TakeOverLimits.DocumentBytesMax}: too many addresses");
    }

    /// <exception cref="TakeOverException">It is none, or of a format that this version does not know, or a refusal.</exception>
    public static TakeOverDocument Parse(ReadOnlySpan<byte> bytes)
    {
        TakeOverDocument document;
        try
        {
            document = JsonSerializer.Deserialize(bytes, TakeOverContext.Default.TakeOverDocument) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new TakeOverException(
                $"the running process sent a document that cannot be read ({JsonFault.Describe(e)}); is it a fasttcpproxy?", e);
        }
        if (document is { Format: Refusal, Refused: { } why }) throw TakeOverException.Refused(document.Pid, why, document.Ends);
        if (document.Format != Current)
            throw new TakeOverException($"the running process, version {document.Version}, sends format {document.Format}, "
                + $"expected {Current}: restart it instead");
        if (document.Listeners.IsDefault || document.Admin.IsDefault
            || document.Listeners.Concat(document.Admin).Any(l => l?.Address is null || l.Descriptors < 1))
            throw new TakeOverException("the running process sent a document in which an address has no descriptor");
        if (document.Listeners.Concat(document.Admin).Sum(l => (long)l.Descriptors) > TakeOverLimits.DescriptorsMax)
            throw new TakeOverException($"the running process announces more than {TakeOverLimits.DescriptorsMax} descriptors");
        if (document.Counters is < 0 or > TakeOverLimits.CountersMax)
            throw new TakeOverException($"the running process announces {document.Counters} memories of counters, "
                + $"expected at most {TakeOverLimits.CountersMax}");
        return document;
    }
}

/// <summary>An address, and how many descriptors come for it. Immutable.</summary>
/// <param name="KeepsFile">Whether the file of a UNIX socket belongs to another process, such as a service manager.</param>
internal sealed record TakeOverListener(string Address, int Descriptors, bool KeepsFile = false)
{
    /// <summary>The file of a UNIX socket that goes with it; nothing in a program that does not say it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FileIdentity? File { get; init; }
}

/// <summary>
/// How the document is written and read: generated, without reflection. Keys that it does not know are left alone. Immutable, any thread.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 8)]
[JsonSerializable(typeof(TakeOverDocument))]
internal sealed partial class TakeOverContext : JsonSerializerContext;
