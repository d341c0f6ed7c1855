using System.Text;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>
/// Lays out the examples of a help text: no word is broken by the edge of the screen, and a command that takes several lines can still be
/// typed as it is printed. Pure, any thread.
/// </summary>
internal static class ExampleText
{
    private const string Indent = "  ", CommentIndent = "      ", ContinuedIndent = "    ", Continued = " \\";

    /// <summary>Lines of text, each with its end, within the width where the longest word permits.</summary>
    /// <param name="examples">A command on each line, and its comment after two blanks or more. After an empty line: sentences.</param>
    /// <param name="width">Columns of the screen.</param>
    public static string Format(string examples, int width)
    {
        string[] parts = examples.ReplaceLineEndings("\n").Split("\n\n", 2);
        string[] lines = parts[0].Split('\n');
        StringBuilder text = new();
        // Commands and comments stand side by side, or else all below each other.
        bool fit = lines.All(line => Indent.Length + line.Length <= width || !HasComment(line));
        foreach (string line in lines)
        {
            (string command, string comment) = fit ? (line, "") : Split(line);
            Append(text, command, width, Indent, ContinuedIndent, Continued);
            if (comment.Length > 0) Append(text, comment, width, CommentIndent, CommentIndent, "");
        }
        if (parts.Length == 1) return text.ToString();
        text.Append('\n');
        foreach (string sentence in parts[1].Split('\n')) Append(text, sentence, width, Indent, ContinuedIndent, "");
        return text.ToString();
    }

    private static bool HasComment(string line) => line.Contains("  ", StringComparison.Ordinal);

    private static (string Command, string Comment) Split(string line)
    {
        int end = line.IndexOf("  ", StringComparison.Ordinal);
        return end < 0 ? (line, "") : (line[..end], line[end..].TrimStart());
    }

    /// <summary>One line, or several where it does not fit: broken between words.</summary>
    /// <param name="tail">Ends each line but the last.</param>
    private static void Append(StringBuilder text, string line, int width, string first, string next, string tail)
    {
        string indent = first;
        while (indent.Length + line.Length > width)
        {
            int end = BreakBefore(line, width - indent.Length - tail.Length);
            if (end < 0) break;
            text.Append(indent).Append(line.AsSpan(0, end)).Append(tail).Append('\n');
            line = line[(end + 1)..];
            indent = next;
        }
        text.Append(indent).Append(line).Append('\n');
    }

    /// <summary>The last blank within the columns that stands between two words, else the first one after them; -1: there is
    /// none.</summary>
    private static int BreakBefore(string line, int columns)
    {
        int found = -1;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote != '\0')
            {
                if (c == quote) quote = '\0';
            }
            else if (c is '"' or '\'' && (i == 0 || line[i - 1] is ' ' or '='))
            {
                quote = c;
            }
            else if (c == ' ')
            {
                if (i > columns) return found >= 0 ? found : i;
                found = i;
            }
        }
        return found;
    }
}
