using System.Text.Json;
using System.Text.Json.Serialization;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.Reporting;

/// <summary>The outcome of one comparison. Immutable.</summary>
public sealed record GateReport
{
    public required string Base { get; init; }

    public required string Head { get; init; }

    public required MachineFacts Machine { get; init; }

    /// <summary>Processes that wanted a CPU in the minute before the measurement, on average.</summary>
    public required double LoadAverage { get; init; }

    public required GateOptions Options { get; init; }

    /// <summary>Rounds that were dropped, because another program had the CPUs while they ran.</summary>
    public required int StarvedRounds { get; init; }

    public required IReadOnlyList<Verdict> Verdicts { get; init; }

    public bool IsRegression => Verdicts.Any(v => v.IsRegression);

    /// <summary>The verdict on a figure.</summary>
    public Verdict Find(string figure) => Verdicts.First(v => v.Figure == figure);

    public static GateReport Read(string path) => JsonSerializer.Deserialize(File.ReadAllText(path), GateJson.Default.GateReport)!;

    public string ToJson() => JsonSerializer.Serialize(this, GateJson.Default.GateReport);
}

/// <summary>How a report is written and read.</summary>
[JsonSerializable(typeof(GateReport))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
internal sealed partial class GateJson : JsonSerializerContext;
