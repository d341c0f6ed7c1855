using System.Text;
using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>A character too many, too few or wrong in a comment is one mistake: what is in the comment is never read as keys.</summary>
public sealed class CommentMutationTests
{
    /// <summary>The mistake, and at most one that follows from it.</summary>
    private const int MessagesMax = 2;

    /// <summary>In place of a character of a sign, which are // and /* and */, and beside it.</summary>
    private static readonly string[] OfSigns = ["", "*", "/", " ", "x", "."];

    /// <summary>Within a comment. A break in one with // leaves a line of its own, which can be anything.</summary>
    private static readonly string[] Within = ["", "*", "/", "\"", "{", ",", ":"];

    private static readonly byte[] Example = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Examples", "fasttcpproxy.json"));

    private const string Blocks = """
        /* Mail, since 2024: one service.
           Its clients come from "outside", see https://mail.example/doc */
        {
          /*
           * The services. Each has a name, and listens:
           * - mail, "primary" first;
           * - that's all.
           */
          "services": [
            {
              "name": "mail", /* in logs, and metrics */
              "listen": [ /* every address: */ "[::]:2525" ],
              /* "mode": "raw",
              "connectTimeout": "2s", */
              "mode": "proxy-v1", /**/
              "upstreams": [
                /* { "name": "old", "address": "192.0.2.9:25" }, */
                { "name": "a", "address": "192.0.2.1:25" }, // { "name": "b", "address": "192.0.2.2:25" },
                { /* the second */ "name": "c", "address": "192.0.2.3:25" }
              ] // in this order
            }
          ]
          /* no "admin" here */
        }
        // the end, of all
        """;

    [Fact]
    public void Parse_CharacterOfACommentMutated_IsOneMistake()
    {
        List<string> many = [];
        foreach (string text in new[] { Encoding.UTF8.GetString(Example), Blocks.ReplaceLineEndings("\n") })
        {
            Assert.Empty(Given.Parse(text).Errors);
            foreach ((int begin, int end) in Comments(text))
            {
                bool isBlock = text[begin + 1] == '*';
                for (int at = begin; at < end; at++)
                {
                    bool isSign = at < begin + 2 || (isBlock && at >= end - 2);
                    foreach (string inserted in isSign ? OfSigns : Within)
                    {
                        Look(many, text, at, 1, inserted);
                        if (at > begin) Look(many, text, at, 0, inserted);
                    }
                    Look(many, text, at, 0, "\n");
                }
            }
        }
        Assert.True(many.Count == 0, $"{many.Count}:\n{string.Join('\n', many.Where((_, i) => i % Math.Max(1, many.Count / 40) == 0))}");
    }

    private static void Look(List<string> many, string text, int at, int removed, string inserted)
    {
        string mutated = text[..at] + inserted + text[(at + removed)..];
        // A comment that ends, and is followed by one that takes the rest of the line.
        if (at > 0 && inserted == "/" && mutated.AsSpan(at).StartsWith("//") && mutated[at - 1] == '*') return;
        ConfigurationResult result = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(mutated), Given.FileName);
        if (result.Errors.Length <= MessagesMax) return;
        int line = text[..at].Count(c => c == '\n');
        many.Add($"{result.Errors.Length} after '{text[at]}' -> '{inserted.Replace("\n", "LF", StringComparison.Ordinal)}' "
            + $"({removed} removed) in {mutated.Split('\n')[line]} | "
            + string.Join(" | ", result.Errors.Take(4)));
    }

    /// <summary>Where the comments of a valid file stand, signs included.</summary>
    private static IEnumerable<(int Begin, int End)> Comments(string text)
    {
        bool inText = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (inText && text[i] == '\\') i++;
            else if (text[i] == '"') inText = !inText;
            else if (!inText && text[i] == '/')
            {
                bool isBlock = text[i + 1] == '*';
                int end = isBlock ? text.IndexOf("*/", i + 2, StringComparison.Ordinal) + 2 : text.IndexOf('\n', i);
                if (end < 0) end = text.Length;
                yield return (i, end);
                i = end - 1;
            }
        }
    }
}
