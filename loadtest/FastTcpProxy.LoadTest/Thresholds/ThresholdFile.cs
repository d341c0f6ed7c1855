using System.Text.Json;

namespace FastTcpProxy.LoadTest.Thresholds;

/// <summary>
/// Reads thresholds from JSON: <c>{ "thresholds": { "silent.p99_ms": { "max": 5250 }, "all.count": { "min": 1000 } } }</c>, with comments
/// and trailing commas. Pure but for the file.
/// </summary>
public static class ThresholdFile
{
    /// <summary>What a file may hold.</summary>
    public const int BytesMax = 64 * 1024, ThresholdsMax = 200;

    private static readonly JsonDocumentOptions Syntax = new()
    {
        CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8, AllowDuplicateProperties = false,
    };

    /// <exception cref="ThresholdException">It cannot be read; the message names the file, the place and what was expected.</exception>
    public static IReadOnlyList<Threshold> Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[BytesMax + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > BytesMax) throw new ThresholdException($"{path}: larger than {BytesMax} bytes");
            return Parse(path, bytes.AsMemory(0, length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ThresholdException($"{path}: {e.Message}");
        }
    }

    /// <param name="path">For messages.</param>
    internal static IReadOnlyList<Threshold> Parse(string path, ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Syntax);
            JsonElement root = Object(path, "the file", document.RootElement);
            foreach (JsonProperty other in root.EnumerateObject().Where(p => p.Name != "thresholds"))
                throw new ThresholdException($"{path}: unknown key \"{other.Name}\", expected \"thresholds\" alone");
            if (!root.TryGetProperty("thresholds", out JsonElement list))
                throw new ThresholdException($"{path}: \"thresholds\" is missing");
            Threshold[] thresholds = [.. Object(path, "thresholds", list).EnumerateObject().Select(p => One(path, p))];
            return thresholds.Length is > 0 and <= ThresholdsMax
                ? thresholds
                : throw new ThresholdException($"{path}: {thresholds.Length} thresholds, expected 1 to {ThresholdsMax}");
        }
        catch (JsonException e)
        {
            throw new ThresholdException($"{path}: {(e.LineNumber is { } line ? $"line {line + 1}: " : "")}{e.Message}");
        }
    }

    private static Threshold One(string path, JsonProperty property)
    {
        string at = $"thresholds.\"{property.Name}\"";
        double? min = null, max = null;
        foreach (JsonProperty bound in Object(path, at, property.Value).EnumerateObject())
        {
            if (bound.Value.ValueKind != JsonValueKind.Number || !bound.Value.TryGetDouble(out double value) || !double.IsFinite(value))
                throw new ThresholdException($"{path}: {at}.{bound.Name}: {bound.Value.ValueKind}, expected a number");
            switch (bound.Name)
            {
                case "min": min = value; break;
                case "max": max = value; break;
                default: throw new ThresholdException($"{path}: {at}: unknown key \"{bound.Name}\", expected \"min\", \"max\" or both");
            }
        }
        if (min is null && max is null) throw new ThresholdException($"{path}: {at}: expected \"min\", \"max\" or both");
        return min > max
            ? throw new ThresholdException($"{path}: {at}: min {min} is above max {max}")
            : new Threshold(property.Name, max, min);
    }

    private static JsonElement Object(string path, string at, JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? element
        : throw new ThresholdException($"{path}: {at}: {element.ValueKind}, expected an object");
}
