using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// The differences between the texts of two configurations: keys one by one, services and upstreams by their names. White space and
/// comments are not compared; a key that is written out with its default is a difference from one that is not. Pure, any thread.
/// </summary>
public static class ConfigurationDiff
{
    /// <summary>Lines that are listed; what is beyond is counted in one more.</summary>
    public const int LinesMax = 200;

    /// <summary>Characters that are shown before the first difference of two values that begin alike.</summary>
    private const int CharsBefore = 20;

    /// <summary>A line for each difference, in the order of the newer text; empty when there is none. Both texts must be valid.</summary>
    public static ImmutableArray<string> Compare(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        ProblemList unused = new("");
        if (NodeReader.Read(before, unused) is not { } from || NodeReader.Read(after, unused) is not { } to || unused.Errors > 0)
            throw new ArgumentException("both texts must be valid");
        List<string> lines = [];
        CompareNodes("", from, to, lines);
        if (lines.Count <= LinesMax) return [.. lines];
        return [.. lines.Take(LinesMax), $"and {lines.Count - LinesMax} more"];
    }

    // As deep as the format, which is bounded (ConfigurationLimits.DepthMax).
    private static void CompareNodes(string path, ConfigurationNode from, ConfigurationNode to, List<string> lines)
    {
        if (from.Kind == NodeKind.Object && to.Kind == NodeKind.Object) CompareObjects(path, from, to, lines);
        else if (IsNamed(from) && IsNamed(to)) CompareNamed(path, from, to, lines);
        else if (Write(from) is var was && Write(to) is var now && was != now) lines.Add($"{path}: {Show(was, now)} -> {Show(now, was)}");
    }

    private static void CompareObjects(string path, ConfigurationNode from, ConfigurationNode to, List<string> lines)
    {
        foreach (NodeProperty property in to.Properties)
        {
            if (property.Name == "$schema") continue;
            string at = Join(path, property.Name);
            if (from.Find(property.Name) is { } known) CompareNodes(at, known, property.Value, lines);
            else lines.Add($"{at}: added, {Show(property.Value)}");
        }
        foreach (NodeProperty property in from.Properties)
        {
            if (property.Name != "$schema" && to.Find(property.Name) is null)
                lines.Add($"{Join(path, property.Name)}: removed, was {Show(property.Value)}");
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{Wording.Shorten(key)}";

    private static void CompareNamed(string path, ConfigurationNode from, ConfigurationNode to, List<string> lines)
    {
        Dictionary<string, ConfigurationNode> before = from.Items.ToDictionary(NameOf, StringComparer.Ordinal);
        Dictionary<string, ConfigurationNode> after = to.Items.ToDictionary(NameOf, StringComparer.Ordinal);
        foreach ((string name, ConfigurationNode item) in after)
        {
            string at = $"{path}[{Wording.Shorten(name)}]";
            if (before.TryGetValue(name, out ConfigurationNode? known)) CompareNodes(at, known, item, lines);
            else lines.Add($"{at}: added");
        }
        lines.AddRange(before.Keys.Where(name => !after.ContainsKey(name)).Select(name => $"{path}[{Wording.Shorten(name)}]: removed"));
        string[] orderBefore = [.. from.Items.Select(NameOf).Where(after.ContainsKey)];
        string[] orderAfter = [.. to.Items.Select(NameOf).Where(before.ContainsKey)];
        if (!orderBefore.SequenceEqual(orderAfter))
            lines.Add($"{path}: order {string.Join(", ", orderBefore.Select(Wording.Shorten))} "
                + $"-> {string.Join(", ", orderAfter.Select(Wording.Shorten))}");
    }

    /// <summary>A list of objects that can be told by name, no two of which have the same.</summary>
    private static bool IsNamed(ConfigurationNode node) => node.Kind == NodeKind.List && node.Items.Count > 0
        && node.Items.TrueForAll(item => item.Kind == NodeKind.Object && NameOf(item).Length > 0)
        && node.Items.Select(NameOf).Distinct(StringComparer.Ordinal).Count() == node.Items.Count;

    private static string NameOf(ConfigurationNode item) => (item.Find("name") ?? item.Find("address"))?.Text ?? "";

    /// <summary>A value on one line, cut.</summary>
    private static string Show(ConfigurationNode node) => Wording.Shorten(Write(node));

    /// <summary>The same beside another value: where both are cut before they differ, from shortly before that.</summary>
    private static string Show(string value, string other)
    {
        if (Wording.Shorten(value) != Wording.Shorten(other)) return Wording.Shorten(value);
        int begin = Math.Max(value.AsSpan().CommonPrefixLength(other) - CharsBefore, 0);
        return "..." + Wording.Shorten(value[begin..]);
    }

    /// <summary>A value on one line, whole.</summary>
    private static string Write(ConfigurationNode node) => node.Kind switch
    {
        // Escaped, so that no two values are written alike.
        NodeKind.Text => $"\"{node.Text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        NodeKind.Object => $"{{ {string.Join(", ", node.Properties.Select(p => $"{p.Name}: {Write(p.Value)}"))} }}",
        NodeKind.List => $"[{string.Join(", ", node.Items.Select(Write))}]",
        NodeKind.Null => "null",
        _ => node.Text,
    };
}
