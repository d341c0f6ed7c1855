using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Documents;

/// <summary>A Markdown file of the repository. Immutable.</summary>
/// <param name="Path">From the root.</param>
/// <param name="Text">What it says.</param>
internal sealed partial record Document(string Path, string Text)
{
    public static Document[] All { get; } = [.. Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal)).Select(Read)];

    public static Document Read(string path) => new(path, File.ReadAllText(System.IO.Path.Combine(ProxyExecutable.RepositoryRoot, path)));

    /// <summary>What stands between backquotes, in text and tables.</summary>
    public IEnumerable<string> Names => Inline().Matches(Blocks().Replace(Text, "")).Select(m => m.Groups[1].Value);

    /// <summary>Lines of code: indented, or in a block.</summary>
    public IEnumerable<string> Lines =>
        Blocks().Matches(Text).SelectMany(m => m.Value.Split('\n')).Select(l => l.Trim())
        .Where(l => l.Length > 0 && !l.StartsWith("```", StringComparison.Ordinal));

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex("```[^`]*```|^(?: {4}|\t)[^\n]+$", RegexOptions.Multiline)]
    private static partial Regex Blocks();
}
