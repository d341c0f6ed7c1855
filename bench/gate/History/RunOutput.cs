using System.Text.Json;
using FastTcpProxy.Gate.Reporting;

namespace FastTcpProxy.Gate.History;

/// <summary>The folder in which bench/regression.sh leaves what the steps of a run have written. Any thread.</summary>
internal static class RunOutput
{
    private const string GateFile = "gate.json", LoadFolder = "load", LoadFile = "report.json";

    /// <summary>All figures that are there: a step that could not run has left none.</summary>
    /// <exception cref="JsonException">A report is damaged.</exception>
    public static IReadOnlyList<RunFigure> ReadFigures(string folder)
    {
        List<RunFigure> figures = [];
        string gate = Path.Combine(folder, GateFile), load = Path.Combine(folder, LoadFolder);
        if (File.Exists(gate)) figures.AddRange(GateReport.Read(gate).Verdicts.Select(RunFigure.From));
        if (!Directory.Exists(load)) return figures;
        foreach (string scenario in Directory.GetDirectories(load).Order(StringComparer.Ordinal))
        {
            string report = Path.Combine(scenario, LoadFile);
            if (File.Exists(report)) figures.AddRange(LoadFigures.Parse(Path.GetFileName(scenario), File.ReadAllText(report)));
        }
        return figures;
    }
}
