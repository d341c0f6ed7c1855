using System.Text;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.Documents;

/// <summary>The Markdown files of the repository.</summary>
internal static class Documents
{
    private static readonly string[] Built = ["bin", "obj", ".git"];

    public static string Root => ProxyExecutable.RepositoryRoot;

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Relative to the root.</summary>
    public static IEnumerable<string> All => Directory.EnumerateFiles(Root, "*.md", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Root, f)).Where(f => !f.Split('/').Any(Built.Contains));

    /// <summary>As they are named in a link: "## What a Connection costs, `x`" is what-a-connection-costs-x.</summary>
    public static IEnumerable<string> Anchors(string text) =>
        Regex.Matches(text, "^#+ (.+)$", RegexOptions.Multiline).Select(m => AnchorOf(m.Groups[1].Value));

    /// <summary>What stands between backquotes, commands that stand alone included.</summary>
    public static IEnumerable<string> Code(string text) =>
        Regex.Matches(text, "`([^`\n]+)`|^ {4,}(.+)$", RegexOptions.Multiline).Select(m => m.Groups[1].Value + m.Groups[2].Value);

    private static string AnchorOf(string heading)
    {
        StringBuilder anchor = new();
        foreach (char c in heading.Trim().ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(c) || c is '-' or '_') anchor.Append(c);
            else if (c == ' ') anchor.Append('-');
        }
        return anchor.ToString();
    }
}
