using System.Text;

namespace FastTcpProxy.Control.Texts;

/// <summary>Long lines for a terminal, which would break them within words. Pure, any thread.</summary>
public static class Folded
{
    /// <summary>The width of a terminal that does not tell it, in characters.</summary>
    public const int UsualWidth = 80;

    private const string Indent = "  ";

    /// <summary>
    /// The line, broken between words, with two blanks more than the first part has before the others. A word that is longer than a line
    /// stays whole.
    /// </summary>
    /// <param name="line">Without a line break.</param>
    /// <param name="width">In characters.</param>
    public static string Of(string line, int width)
    {
        ArgumentNullException.ThrowIfNull(line);
        StringBuilder folded = new(line.Length + 16);
        int begin = line.Length - line.AsSpan().TrimStart(' ').Length, column = begin;
        folded.Append(' ', begin);
        foreach (string word in line[begin..].Split(' '))
        {
            bool isFirst = column == begin;
            if (!isFirst && column + 1 + word.Length > width)
            {
                folded.Append('\n').Append(' ', begin).Append(Indent).Append(word);
                column = begin + Indent.Length + word.Length;
            }
            else
            {
                if (!isFirst) folded.Append(' ');
                folded.Append(word);
                column += word.Length + (isFirst ? 0 : 1);
            }
        }
        return folded.ToString();
    }
}
