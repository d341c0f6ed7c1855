using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Documents;

/// <summary>What there is that a document can name: files, folders, and words of the sources. Immutable; any thread.</summary>
internal static partial class Repository
{
    private static readonly string[] Built = ["bin", "obj", ".git", ".vs", "out"];

    /// <summary>From the root, without what is built.</summary>
    public static string[] Files { get; } = [.. Under(new DirectoryInfo(ProxyExecutable.RepositoryRoot)).Order(StringComparer.Ordinal)];

    private static readonly string[] Places = [.. Files.Concat(Files.SelectMany(Folders).Distinct())];

    private static readonly string Code = string.Join('\n',
        Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && !f.Contains("/Documents/", StringComparison.Ordinal)).Select(Read));

    private static readonly string Scripts = string.Join('\n', Files.Where(f => f.EndsWith(".sh", StringComparison.Ordinal)
        || f.EndsWith("openapi.json", StringComparison.Ordinal) || f is ".ci/run").Select(Read));

    private static readonly HashSet<string> Words = [.. Identifier().Matches(Comment().Replace(Code, "")).Select(m => m.Value)];

    private static readonly HashSet<string> Texts = [.. Literal().Matches(Code + Scripts).Select(m => m.Groups[1].Value)];

    /// <summary>The numbers of the operational log's lines.</summary>
    public static HashSet<string> Events { get; } = [.. Event().Matches(Code).Select(m => m.Groups[1].Value)];

    /// <summary>Whether a file or folder is at the end of some path: a document may leave its beginning out.</summary>
    public static bool HasPlace(string path) =>
        path.TrimEnd('/') is var end && Places.Any(p => p == end || p.EndsWith("/" + end, StringComparison.Ordinal));

    /// <summary>Whether the sources have the word, outside of comments.</summary>
    public static bool HasWord(string word) => Words.Contains(word);

    /// <summary>Whether the sources or scripts have the word in quotes.</summary>
    public static bool HasText(string text) => Texts.Contains(text);

    /// <summary>Whether an error or warning of the configuration has the code.</summary>
    public static bool HasCode(string code) => Code.Contains($" = \"{code}\";", StringComparison.Ordinal);

    /// <summary>Whether sources or scripts mention it anywhere.</summary>
    public static bool Mentions(string text) =>
        Code.Contains(text, StringComparison.Ordinal) || Scripts.Contains(text, StringComparison.Ordinal);

    private static string Read(string path) => File.ReadAllText(Path.Combine(ProxyExecutable.RepositoryRoot, path));

    private static IEnumerable<string> Under(DirectoryInfo folder) =>
        folder.EnumerateFiles().Select(f => Path.GetRelativePath(ProxyExecutable.RepositoryRoot, f.FullName))
        .Concat(folder.EnumerateDirectories().Where(d => !Built.Contains(d.Name)).SelectMany(Under));

    private static IEnumerable<string> Folders(string file)
    {
        for (string? folder = Path.GetDirectoryName(file); !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
            yield return folder;
    }

    [GeneratedRegex(@"\b[A-Za-z_]\w+\b")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex("\"([^\"\\s]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"LoggerMessage\((\d{4})")]
    private static partial Regex Event();
}
