using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// A comment with // of which a break of the line has cut off the rest. The rest may be anything, keys and brackets too, so it is known
/// only by the file, which is right without it. Pure, any thread.
/// </summary>
internal static class BrokenComment
{
    /// <summary>The mistake, and at most one that follows from it: more are worth the search.</summary>
    public const int MessagesMax = 2;

    /// <summary>Lines behind a comment that are tried, from the first mistake backwards: each costs one reading of the file.</summary>
    private const int LinesMax = 8;

    /// <summary>Where the rest begins; null: there is none.</summary>
    /// <param name="utf8">A text with mistakes.</param>
    /// <param name="isRight">Whether a text has none.</param>
    public static Position? Find(ReadOnlySpan<byte> utf8, Func<byte[], bool> isRight)
    {
        byte[] text = utf8.ToArray();
        int tried = 0;
        // The line of the mistake itself, and those before it.
        int end = EndOfLine(text, FindMistake(text));
        while (end > 0 && tried < LinesMax)
        {
            int begin = text.AsSpan(0, end).LastIndexOf((byte)'\n') + 1;
            if (begin == 0) return null;
            int before = text.AsSpan(0, begin - 1).LastIndexOf((byte)'\n') + 1;
            if (text.AsSpan(before, begin - before).IndexOf("//"u8) >= 0)
            {
                tried++;
                byte[] without = [.. text];
                without.AsSpan(begin, end - begin).Fill((byte)' ');
                if (isRight(without)) return PositionOf(text, begin, end);
            }
            end = begin - 1;
        }
        return null;
    }

    /// <summary>Where the text stops being JSON; its length when it never does.</summary>
    private static int FindMistake(byte[] text)
    {
        ReadOnlySpan<byte> mark = [0xef, 0xbb, 0xbf];
        int begin = text.AsSpan().StartsWith(mark) ? mark.Length : 0;
        Utf8JsonReader reader = new(text.AsSpan(begin),
            new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        try
        {
            while (reader.Read()) continue;
            return text.Length;
        }
        catch (JsonException e)
        {
            int at = 0;
            for (long line = e.LineNumber ?? 0; line > 0 && text.AsSpan(at).IndexOf((byte)'\n') is >= 0 and int length; line--)
                at += length + 1;
            return at;
        }
    }

    private static int EndOfLine(byte[] text, int at) =>
        text.AsSpan(at).IndexOf((byte)'\n') is >= 0 and int length ? at + length : text.Length;

    private static Position PositionOf(byte[] text, int begin, int end)
    {
        int blanks = text.AsSpan(begin, end - begin).IndexOfAnyExcept(" \t"u8);
        return new Position(text.AsSpan(0, begin).Count((byte)'\n') + 1, Math.Max(blanks, 0) + 1);
    }
}
