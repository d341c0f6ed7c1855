using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Cli.Machine;

namespace FastTcpProxy.Daemon.Cli.Doctor;

/// <summary>The answer of <c>doctor --json</c>; src/docs/doctor.md describes it. Immutable.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="At">When it was done, UTC.</param>
/// <param name="Config">The file, as it was given.</param>
/// <param name="Worst">The greatest severity of the findings.</param>
/// <param name="Findings">All of them, the worst first.</param>
internal sealed record DoctorDocument(string Version, DateTime At, string Config, string Worst, ImmutableArray<DoctorFinding> Findings)
{
    public static DoctorDocument Of(ImmutableArray<MachineFinding> findings, string version, MachineContext context) => new(
        version, context.UtcNow, OneLine.Escape(context.File),
        MachineFinding.WordOf(findings.Select(f => f.Severity).DefaultIfEmpty(MachineSeverity.Ok).Max()), [.. findings.Select(Of)]);

    private static DoctorFinding Of(MachineFinding finding) => new(
        finding.Rule.Code, finding.SeverityWord, finding.IsKnown, Plain(finding.Rule.What), OneLine.Escape(finding.Found),
        Plain(finding.Wanted ?? finding.Rule.Wanted), Plain(finding.Rule.Why), [.. finding.Change.Select(c => OneLine.Escape(c))],
        finding.Place is { } place ? OneLine.Escape(place) : null);

    private static string Plain(string text) => OneLine.Escape(text.Replace("`", "", StringComparison.Ordinal));
}

/// <summary>One finding. Immutable.</summary>
/// <param name="Code">Of the rule: <c>M104</c>.</param>
/// <param name="Severity"><c>ok</c>, <c>note</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Known">False: the machine does not say, or not to this user.</param>
/// <param name="What">What was looked at.</param>
/// <param name="Found">How it is.</param>
/// <param name="Wanted">How it should be.</param>
/// <param name="Why">What happens otherwise.</param>
/// <param name="Change">Commands that can be typed, or what to do; may be empty.</param>
/// <param name="Place">The key of the configuration with file, line and column; null: none asks for it.</param>
internal sealed record DoctorFinding(
    string Code, string Severity, bool Known, string What, string Found, string Wanted, string Why, ImmutableArray<string> Change,
    string? Place);

/// <summary>How the document is written: generated, without reflection. Immutable, any thread.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DoctorDocument))]
internal sealed partial class DoctorContext : JsonSerializerContext;
