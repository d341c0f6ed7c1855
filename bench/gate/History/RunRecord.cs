using System.Text.Json;
using System.Text.Json.Serialization;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Gate.History;

/// <summary>One run of bench/regression.sh: a line of the history, and its result.json. Immutable.</summary>
public sealed record RunRecord
{
    private static readonly HistoryJson Indented = new(new JsonSerializerOptions(HistoryJson.Default.Options) { WriteIndented = true });

    public required DateTimeOffset Date { get; init; }

    public required Outcome Outcome { get; init; }

    public required Revision Base { get; init; }

    public required Revision Head { get; init; }

    public required MachineFacts Machine { get; init; }

    public required IReadOnlyList<RunStep> Steps { get; init; }

    public required IReadOnlyList<RunFigure> Figures { get; init; }

    /// <summary>On one line.</summary>
    public string ToJsonLine() => JsonSerializer.Serialize(this, HistoryJson.Default.RunRecord);

    /// <summary>For people.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Indented.RunRecord) + "\n";

    /// <exception cref="JsonException">It is no such record.</exception>
    public static RunRecord Parse(string json) =>
        JsonSerializer.Deserialize(json, HistoryJson.Default.RunRecord) ?? throw new JsonException("expected a run, got null");
}

/// <summary>How a run is written and read.</summary>
[JsonSerializable(typeof(RunRecord))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class HistoryJson : JsonSerializerContext;
