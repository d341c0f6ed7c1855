using System.Text.RegularExpressions;

namespace FastTcpProxy.Daemon.Tests.Documents;

/// <summary>
/// Documents, messages and comments use plain English and the words of the glossary. Here are only words that never have a good use in this
/// repository; what else makes a sentence hard to read is for the reviewer.
/// </summary>
public sealed partial class WordsTests
{
    private static readonly string[] Read = [".cs", ".json", ".service", ".socket"];

    [Fact]
    public void Documents_HaveNoBannedWord() => AssertNone(Document.All, 20);

    [Fact]
    public void Sources_HaveNoBannedWord() => AssertNone(
        [.. Repository.Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && Read.Contains(Path.GetExtension(f)))
            .Select(Document.Read)], 400);

    [Theory]
    [InlineData("/// Whoever has it goes\n    /// on.", 2)]
    [InlineData("\"nobody serves this\"; // What is there? None is to be had: joined to A.", 4)]
    [InlineData("// a client that continues; bool NobodyThere; the landing of a plane", 0)]
    public void Words_AreFound(string text, int count) => Assert.Equal(count, Banned().Count(text));

    private static void AssertNone(Document[] documents, int least)
    {
        string[] found = [.. from document in documents
            from Match match in Banned().Matches(document.Text)
            select $"{document.Path}:{document.Text.AsSpan(0, match.Index).Count('\n') + 1}: {match.Value}"];

        Assert.True(found.Length == 0, string.Join('\n', found));
        Assert.True(documents.Length >= least, $"{documents.Length} files were found");
    }

    /// <summary>A word may be followed by the next line of a comment.</summary>
    [GeneratedRegex(
        @"\b(?:nobody|somebody|anybody|whoever|whomever|(?:go|goes|going|gone|went)[\s/]+on|(?:what|whatever)[\s/]+is[\s/]+there|"
        + @"to[\s/]+be[\s/]+had|joined[\s/]+to|listens?[\s/]+no[\s/]+more|"
        + @"landing[\s/]+buffer|right[\s/]+of[\s/]+way|metronome|all-out|all-failed)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Banned();
}
