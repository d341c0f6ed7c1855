namespace FastTcpProxy.Compare.Tests.Reporting;

/// <summary>Reads the tables of a Markdown text.</summary>
internal static class MarkdownTable
{
    /// <summary>Each table's lines.</summary>
    public static IEnumerable<string[]> Read(string text)
    {
        List<string> lines = [];
        foreach (string line in text.Split('\n').Append(""))
        {
            if (line.StartsWith('|'))
            {
                lines.Add(line);
                continue;
            }
            if (lines.Count > 0) yield return [.. lines];
            lines.Clear();
        }
    }

    public static int CellCount(string line) => line.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|') - 1;
}
