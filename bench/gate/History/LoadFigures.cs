using System.Text.Json;

namespace FastTcpProxy.Gate.History;

/// <summary>
/// What the history keeps of a load scenario's report.json: of the clients the 99th percentile in each phase and the errors, and the
/// scenario's own figures. It takes what it knows and leaves the rest, so that a report of another revision does not stop it. Pure.
/// </summary>
internal static class LoadFigures
{
    /// <summary>Figures of one scenario: more are no trend that anyone looks at.</summary>
    public const int FiguresMax = 30;

    /// <summary>The series of those who wait, and the phase that is the sum of all.</summary>
    private const string Clients = "clients", All = "all";

    /// <exception cref="JsonException">It is not JSON.</exception>
    public static IReadOnlyList<RunFigure> Parse(string scenario, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        List<RunFigure> figures = [];
        foreach (JsonElement phase in Items(document.RootElement, "phases"))
        {
            if (Text(phase, "series") != Clients || Text(phase, "phase") is not { } name) continue;
            if (Number(phase, "p99Ms") is { } p99) figures.Add(new RunFigure(scenario, $"{name}: p99, ms", p99));
            if (name == All && Number(phase, "errors") is { } errors) figures.Add(new RunFigure(scenario, "errors", errors));
        }
        foreach (JsonElement figure in Items(document.RootElement, "figures"))
        {
            if (Text(figure, "name") is not { } name || Number(figure, "value") is not { } value) continue;
            string? unit = Text(figure, "unit");
            figures.Add(new RunFigure(scenario, string.IsNullOrEmpty(unit) ? name : $"{name}, {unit}", value));
        }
        return [.. figures.Take(FiguresMax)];
    }

    private static IEnumerable<JsonElement> Items(JsonElement of, string name) =>
        Property(of, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static string? Text(JsonElement of, string name) =>
        Property(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static double? Number(JsonElement of, string name) =>
        Property(of, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double value) ? value : null;

    /// <summary>Whatever the case of its name: writers differ in that.</summary>
    private static JsonElement? Property(JsonElement of, string name)
    {
        if (of.ValueKind != JsonValueKind.Object) return null;
        foreach (JsonProperty property in of.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return property.Value;
        }
        return null;
    }
}
