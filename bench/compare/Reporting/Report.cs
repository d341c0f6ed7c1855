using System.Text.Json.Serialization;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Compare.Measurements;

namespace FastTcpProxy.Compare.Reporting;

/// <summary>All that a run found, and what it takes to make it again. Immutable. Its JSON form is the file of --json.</summary>
public sealed record Report
{
    public required DateTimeOffset Date { get; init; }

    /// <summary>What makes this report again, run in the repository's top folder.</summary>
    public required string Command { get; init; }

    public required MachineFacts Machine { get; init; }

    /// <summary>The first is the one the ratios compare with.</summary>
    public required Contestant[] Contestants { get; init; }

    public required AbsentContestant[] Absent { get; init; }

    public required Measurement[] Measurements { get; init; }

    /// <summary>About the whole run: where it was, what could not be set.</summary>
    public string[] Notes { get; init; } = [];

    /// <summary>What could not be measured, and why.</summary>
    public string[] Failures { get; init; } = [];
}

/// <summary>How reports are written and read, without reflection.</summary>
[JsonSerializable(typeof(Report))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ReportJson : JsonSerializerContext;
