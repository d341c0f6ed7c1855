using System.Text;
using CsCheck;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Patterns in content that comes in pieces of any size.</summary>
public sealed class ContentScanTests
{
    private static readonly string[] Expressions = ["a$", "^a", @"\ba", @"a\b", @"a\B", "é+b", @"b\z", "(?m)a$", ".a.", @"\A\s"];

    /// <summary>However it is cut, the answer is that of the whole.</summary>
    [Fact]
    public void Scan_TextInPieces_FindsWhatTheWholeHolds() =>
        Gen.Select(Gen.String[Gen.Char["abc"], 0, 60], Gen.String[Gen.Char["abc"], 1, 5],
            Gen.Int[1, 9].Array[1, 10]).Sample((content, text, cuts) =>
            Assert.Equal(content.Contains(text, StringComparison.Ordinal), Scan(Given.Text(text), Encoding.UTF8.GetBytes(content), cuts)));

    [Fact]
    public void Scan_ExpressionInPieces_MatchesWhatTheWholeMatches() =>
        Gen.Select(
            Gen.String[Gen.Char["ab \né"], 0, 60],
            Gen.Int[0, Expressions.Length - 1].Select(i => Expressions[i]),
            Gen.Int[1, 9].Array[1, 10]).Sample((content, expression, cuts) =>
            {
                var pattern = Given.Expression(expression);
                Assert.Equal(pattern.Expression!.IsMatch(content), Scan(pattern, Encoding.UTF8.GetBytes(content), cuts));
            });

    [Fact]
    public void Scan_BytesThatAreNoText_AreReplacementCharacters()
    {
        Assert.True(Scan(Given.Expression("^a\uFFFDb\uFFFD$"), [(byte)'a', 0xFF, (byte)'b', 0xE2], [1]));
        Assert.True(Scan(new ContentPattern("", [0xFF, 0x00], null), [1, 0xFF, 0x00, 2], [1]));
    }

    [Fact]
    public void Scan_Drip_RunsTheExpressionOnBoundedText()
    {
        using var scan = new ContentScan(Given.Expression("(x+)+y"));
        for (var i = 0; i < ProbeLimits.ContentBytesMax; i++)
        {
            Assert.False(scan.IsFull);
            scan.Free.Span[0] = (byte)'x';
            Assert.False(scan.Take(1));
        }
        Assert.True(scan.IsFull);
        Assert.True(scan.Free.IsEmpty);
        Assert.False(scan.Complete());
        Assert.InRange(scan.MatchedChars, 3 * ProbeLimits.ContentBytesMax, 6 * ProbeLimits.ContentBytesMax);
    }

    /// <summary>After so much text it is not run at each byte, so the end must look once more.</summary>
    [Fact]
    public void Scan_MatchBetweenTwoRuns_IsFoundAtTheEnd()
    {
        using var scan = new ContentScan(Given.Expression("xy"));
        for (var i = 0; i < 2000; i++)
            Assert.False(Add(scan, "x"));
        Assert.False(Add(scan, "y"));
        Assert.False(Add(scan, "x"));
        Assert.True(scan.HasMatch());
        Assert.True(scan.Complete());
    }

    private static bool Add(ContentScan scan, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(scan.Free);
        return scan.Take(bytes.Length);
    }

    private static bool Scan(ContentPattern pattern, byte[] content, int[] cuts)
    {
        using var scan = new ContentScan(pattern);
        for (int at = 0, piece = 0; at < content.Length; piece++)
        {
            var count = Math.Min(cuts[piece % cuts.Length], content.Length - at);
            content.AsMemory(at, count).CopyTo(scan.Free);
            if (scan.Take(count))
                return true;
            at += count;
        }
        return scan.Complete();
    }
}
