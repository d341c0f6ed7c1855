using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Configuration.Syntax;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// What an operator reads after a mistake. Each file <c>Mistakes/NAME.conf</c> has one (a few have several), and <c>NAME.txt</c> has what
/// <c>check</c> says of it on a terminal of 80 columns: the place, what is wrong, what to write. With <c>FASTTCPPROXY_WRITE_DOCUMENTS=1</c>
/// the tests write the second files anew. Read them aloud before they are committed.
/// </summary>
public sealed class MistakeTests
{
    private const string Rewrite = "FASTTCPPROXY_WRITE_DOCUMENTS";

    private static readonly string Folder =
        Path.Combine(ProxyExecutable.RepositoryRoot, "tests/FastTcpProxy.Control.Tests/Configuration/Mistakes");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.conf").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_Mistake_IsExplained(string name)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".conf")), "proxy.json");
        string said = string.Concat(result.Errors.Concat(result.Warnings).Select(p => Folded.Of(p.ToString(), Folded.UsualWidth) + "\n"));
        string path = Path.Combine(Folder, name + ".txt");

        if (Environment.GetEnvironmentVariable(Rewrite) == "1") File.WriteAllText(path, said);

        Assert.Null(result.Configuration);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == said, $"{path} is not what is said now:\n{said}"
            + $"Run this test with {Rewrite}=1, read what it wrote, and commit it.");
        Assert.All(said.Split('\n'), line => Assert.InRange(line.Length, 0, Folded.UsualWidth));
    }

    /// <summary>Each case has one mistake, unless its name says that it has more: one mistake gives one message.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_OneMistake_IsOneError(string name)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".conf")), "proxy.json");

        int expected = name.StartsWith("several-", StringComparison.Ordinal) ? int.Parse(name.Split('-')[1]) : 1;
        Assert.Equal(expected, result.Errors.Length);
    }

    [Fact]
    public void Parse_MoreSyntaxFaultsThanAreTold_StopsThere()
    {
        string entries = string.Join('\n', Enumerable.Range(0, 1000).Select(i => $"\"k{i}\" 1,"));

        ConfigurationResult result = Given.Parse($"{{ {entries} }}");

        Assert.Equal(ConfigurationLimits.SyntaxFaultsMax, result.Errors.Count(e => e.Code == ConfigurationCodes.NotJson));
        ConfigurationError last = Assert.Single(result.Errors, e => e.Code == ConfigurationCodes.MoreProblems);
        Assert.Equal("the rest of the file is not read, correct the mistakes above first", last.Message);
        Assert.Equal(ConfigurationLimits.SyntaxFaultsMax + 1, result.Errors.Length);
    }

    /// <summary>
    /// 260,000 texts or words. What reads the rest of a line, or of the file, for each of them takes more than ten times as long.
    /// </summary>
    [Theory]
    [InlineData("\"\",", "")]
    [InlineData("a", "")]
    [InlineData("a", "\"*/")]
    [InlineData("a \"\",", "*/")]
    [InlineData("a,", "/* */")]
    public void Lexer_LargestTextOnOneLine_TakesWhatItTakesOnMany(string piece, string end)
    {
        long CostOf(char space)
        {
            string texts = string.Concat(Enumerable.Repeat(piece + space, ConfigurationFile.BytesMax / 4)) + end;
            long begin = ProcessorTime();
            Lexer.Read(texts, new SyntaxFaults());
            return ProcessorTime() - begin;
        }

        long lines = Math.Max(CostOf('\n'), CostOf('\n'));
        Assert.InRange(CostOf(' '), 0, 4 * Math.Max(lines, CostMin));
    }

    [Fact]
    public void Parse_KindOfMistakeWhoseFirstIsReplaced_IsStillTold()
    {
        ConfigurationResult result = Given.Parse("{\n  name\"s\",\n  listen: []\n}");

        string[] messages = [.. result.Errors.Where(e => e.Code == ConfigurationCodes.NotJson).Select(e => $"{e.Line}: {e.Message}")];
        Assert.Equal(2, messages.Length);
        Assert.StartsWith("2: name has a quote after it and none before it", messages[0], StringComparison.Ordinal);
        Assert.StartsWith("3: the key listen is not in quotes", messages[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_AreMany() => Assert.InRange(Names.Count, 60, 1000);

    /// <summary>In nanoseconds: what a quick reading takes on a machine of today.</summary>
    private const long CostMin = 100_000_000;

    /// <summary>In nanoseconds, of this thread: other work of the machine does not count (/proc/thread-self/schedstat).</summary>
    private static long ProcessorTime() =>
        long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
