using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run as JSON, for other programs. Pure.</summary>
internal static class JsonReport
{
    /// <summary>The number of this layout: another one is not read.</summary>
    public const int Schema = 1;

    public static string Write(RunResult run, IReadOnlyList<Verdict> verdicts) => JsonSerializer.Serialize(
        new JsonDocumentOfRun(
            Schema, run.Scenario, run.Summary, run.Proxy, run.Machine, run.Command, run.StartedAt, run.DurationSeconds, [.. verdicts],
            run.Phases, run.Figures, run.Seconds,
            run.Samples, run.Notes),
        ReportJson.Default.JsonDocumentOfRun);

    /// <exception cref="InvalidDataException">It is none of ours.</exception>
    public static RunResult Read(string json)
    {
        try
        {
            JsonDocumentOfRun? d = JsonSerializer.Deserialize(json, ReportJson.Default.JsonDocumentOfRun);
            if (d is null || d.Schema != Schema) throw new InvalidDataException($"a report of schema {d?.Schema}, expected {Schema}");
            return new RunResult(d.Scenario, d.Summary, d.Proxy, d.Machine, d.Command, d.StartedAt, d.DurationSeconds, d.Phases, d.Figures,
                d.Seconds, d.Samples, d.Notes);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"no report: {e.Message}", e);
        }
    }
}

/// <summary>The layout of <see cref="JsonReport"/>.</summary>
internal sealed record JsonDocumentOfRun(
    int Schema,
    string Scenario,
    string Summary,
    string Proxy,
    string Machine,
    string Command,
    DateTimeOffset StartedAt,
    double DurationSeconds,
    ImmutableArray<Verdict> Verdicts,
    ImmutableArray<PhaseResult> Phases,
    ImmutableArray<FigureResult> Figures,
    ImmutableArray<SecondResult> Seconds,
    ImmutableArray<ProcessSample> Samples,
    ImmutableArray<string> Notes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(JsonDocumentOfRun))]
internal sealed partial class ReportJson : JsonSerializerContext;
