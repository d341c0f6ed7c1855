using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// The place of a value in a text, for problems that are found after it was read: values that a running process cannot change, and
/// addresses that it cannot listen on. Pure, any thread.
/// </summary>
public static class ConfigurationPlaces
{
    /// <summary>
    /// The line and the column of a value, from 1; of the nearest object or list around it where the text does not have it.
    /// </summary>
    /// <param name="text">Valid.</param>
    /// <param name="path">As messages write it, such as <c>services[0].listen[1]</c>.</param>
    public static (int Line, int Column) Find(ReadOnlySpan<byte> text, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (NodeReader.Read(text, new ProblemList("")) is not { } node) return (Position.Start.Line, Position.Start.Column);
        foreach (string step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Step(node, step) is not { } inner) break;
            node = inner;
        }
        return (node.At.Line, node.At.Column);
    }

    private static ConfigurationNode? Step(ConfigurationNode node, string step)
    {
        if (step[0] != '[') return node.Kind == NodeKind.Object ? node.Find(step) : null;
        // One item may stand for a list of one.
        if (node.Kind != NodeKind.List) return null;
        int index = int.Parse(step.AsSpan(1, step.Length - 2), CultureInfo.InvariantCulture);
        return index < node.Items.Count ? node.Items[index] : null;
    }
}
