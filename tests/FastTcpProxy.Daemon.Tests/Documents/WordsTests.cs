using System.Text.RegularExpressions;

namespace FastTcpProxy.Daemon.Tests.Documents;

/// <summary>
/// Documents, messages and comments use plain English and the words of the glossary. Here are only words that never have a good use in this
/// repository; what else makes a sentence hard to read is for the reviewer.
/// </summary>
public sealed partial class WordsTests
{
    private static readonly string[] Read = [".cs", ".json", ".service", ".socket", ".sh"];

    private static readonly string[] Folders = ["src/", "bench/", "loadtest/", "tests/"];

    /// <summary>This file has the words as examples.</summary>
    private const string Examples = "tests/FastTcpProxy.Daemon.Tests/Documents/WordsTests.cs";

    /// <summary>A placeholder of a log line, whose name is public, is an old word.</summary>
    private const string Events = "src/FastTcpProxy.Daemon/Logging/Events.cs";

    [Fact]
    public void Documents_HaveNoBannedWord() => AssertNone(Document.All, 20);

    [Fact]
    public void Sources_HaveNoBannedWord() => AssertNone(Sources, 1_000);

    /// <summary>Names of types, members and variables: the words that the glossary has replaced.</summary>
    [Fact]
    public void Names_AreThoseOfTheGlossary() => AssertNone([.. Sources.Where(s => s.Path != Events)], 1_000, OldName());

    [Theory]
    [InlineData("/// Whoever has it goes\n    /// on.", 2)]
    [InlineData("\"nobody serves this\"; // What is there? None is to be had: joined to A.", 4)]
    [InlineData("// a client that continues; bool NobodyThere; the landing of a plane", 0)]
    public void Words_AreFound(string text, int count) => Assert.Equal(count, Banned().Count(text));

    [Theory]
    [InlineData("bool joined = _joined.Wait(); Joined joined2; IsJoined_Test()", 5)]
    [InlineData("LandingBuffer landing; RecycledSockets resting; HasRested(); _pulse; Metronome; desk", 7)]
    [InlineData("Rests.Take(rest); Monitor.PulseAll(x); interesting; StartHeartbeat; string.Join(',')", 0)]
    public void OldNames_AreFound(string text, int count) => Assert.Equal(count, OldName().Count(text));

    private static Document[] Sources => [.. Repository.Files
        .Where(f => Folders.Any(folder => f.StartsWith(folder, StringComparison.Ordinal)))
        .Where(f => Read.Contains(Path.GetExtension(f)) && f != Examples)
        .Select(Document.Read)];

    private static void AssertNone(Document[] documents, int least, Regex? words = null)
    {
        string[] found = [.. from document in documents
            from Match match in (words ?? Banned()).Matches(document.Text)
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

    [GeneratedRegex(@"Joined|\b_?joined|[Ll]anding|\b_?[Rr]esting\b|Rested\b|\b_?[Pp]ulse\b|[Mm]etronome|\b_?[Dd]esk\b")]
    private static partial Regex OldName();
}
