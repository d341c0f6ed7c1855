using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operations;

/// <summary>What the README asks a reader to do, in the order in which it stands there. Pure, any thread.</summary>
internal static class ReadmeSteps
{
    private const string Fence = "```", Indent = "    ", Comment = "// ";

    public static IReadOnlyList<ReadmeStep> Read() =>
        [.. Parse(File.ReadAllLines(Path.Combine(ProxyExecutable.RepositoryRoot, "README.md")))];

    /// <summary>
    /// Indented lines are commands; a block of jsonc is the content of the file that its first line names in a comment, otherwise of
    /// <c>proxy.json</c>; other blocks are pictures.
    /// </summary>
    public static IEnumerable<ReadmeStep> Parse(IEnumerable<string> lines)
    {
        string chapter = "";
        List<string>? block = null;
        bool isConfiguration = false;
        foreach (string line in lines)
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                if (block is not null && isConfiguration)
                    yield return new ReadmeStep(chapter, null, string.Join('\n', block)) { File = FileOf(block[0]) };
                isConfiguration = line == Fence + "jsonc";
                block = block is null ? [] : null;
            }
            else if (block is not null) block.Add(line);
            else if (line.StartsWith('#')) chapter = line.TrimStart('#', ' ');
            else if (line.StartsWith(Indent, StringComparison.Ordinal)) yield return new ReadmeStep(chapter, line.Trim(), null);
        }
    }

    private static string FileOf(string first) => first.StartsWith(Comment, StringComparison.Ordinal) && first.EndsWith(".json",
        StringComparison.Ordinal) ? first[Comment.Length..] : "proxy.json";
}

/// <summary>A step: a command, or a file that is written. Immutable.</summary>
/// <param name="Command">As it is printed, with its comment; null: it is a file.</param>
/// <param name="Configuration">The content of the file.</param>
internal sealed record ReadmeStep(string Chapter, string? Command, string? Configuration)
{
    /// <summary>The name of the file, where it is one.</summary>
    public string File { get; init; } = "";
}
