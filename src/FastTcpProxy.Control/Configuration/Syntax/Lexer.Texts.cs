using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Syntax;

/// <summary>Texts in quotes of any form, with or without an end.</summary>
internal sealed partial class Lexer
{
    /// <param name="quote">The plain form of the quote.</param>
    private void ReadText(char quote)
    {
        Position at = Here;
        char open = _text[_at];
        if (open is '\'' or '`') _faults.NoteKind("quotes", at, $"{open} is not a quote of JSON, write \"");
        else if (open != '"') NoteLookAlike(open);
        Advance(1);
        int lineEnd = FindLineEnd();
        int end = FindEnd(quote, lineEnd);
        bool isClosed = end >= 0, isCut = false;
        if (!isClosed)
        {
            // What closes objects and lists at the end of the line is taken for no part of the text.
            ReadOnlySpan<char> line = _text.AsSpan(_at, lineEnd - _at).TrimEnd(" \t\r");
            int length = line.TrimEnd(" \t\r,]}").Length;
            isCut = length == line.Length && _text.AsSpan(lineEnd).IsWhiteSpace();
            end = _at + length;
            _faults.Note(at, isCut
                ? "the file ends inside the text that begins here, expected its end: the file may be cut off"
                : $"the text that begins here has no closing quote, write {Wording.Quote(_text[_at..end])}");
        }
        string content = Unescape(end, at, out bool isWhole);
        if (isClosed && _text[_at] != open && _text[_at] != '"' && LookAlikes.Meant(_text[_at]) is not null) NoteLookAlike(_text[_at]);
        if (isClosed) Advance(1);
        Add(TokenType.Text, at, content, isWhole && !isCut);
    }

    /// <summary>Where this line ends. A line is searched once, however many texts it has.</summary>
    private int FindLineEnd()
    {
        if (_lineEnd < _at) _lineEnd = _text.IndexOf('\n', _at) is >= 0 and int found ? found : _text.Length;
        return _lineEnd;
    }

    /// <summary>Where the closing quote is, before the end of the line; negative when there is none.</summary>
    private int FindEnd(char quote, int lineEnd)
    {
        bool isPlain = _text[_at - 1] == '"';
        for (int i = _at; i < lineEnd; i++)
        {
            char c = _text[i];
            if (c == '\\') i++;
            else if (c == quote || (quote == '`' && c == '\'') || (c == '"' && quote == '"')) return i;
            else if (Plain(c) == quote && (!isPlain || IsBeforeStructure(i + 1, lineEnd))) return i;
        }
        return -1;
    }

    /// <summary>Whether a typographic quote before this place closes a text that a plain one has opened.</summary>
    private bool IsBeforeStructure(int from, int lineEnd)
    {
        // The blanks at the end of the line are left alone: each of many quotes would go over all of them.
        ReadOnlySpan<char> rest = _text.AsSpan(from, lineEnd - from).TrimStart(" \t\r");
        if (rest.IsEmpty) return true;
        if (!":,]}".Contains(rest[0], StringComparison.Ordinal)) return false;
        ReadOnlySpan<char> next = rest[1..].TrimStart(" \t");
        return next.IsEmpty || Plain(next[0]) is '"' or '\'' or '{' or '[' or '}' or ']' or ',' || char.IsAsciiDigit(next[0]);
    }

    /// <summary>The characters that the content up to its end stands for.</summary>
    private string Unescape(int end, Position begin, out bool isWhole)
    {
        StringBuilder content = new();
        isWhole = true;
        while (_at < end)
        {
            char c = _text[_at];
            if (c == '\\' && _at + 1 < end)
            {
                isWhole &= ReadEscape(end, content);
                continue;
            }
            if (c < ' ')
            {
                string escape = c == '\t' ? "\\t" : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                _faults.NoteKind($"in text {(int)c}", Here, $"a text holds {LookAlikes.Describe(c)} as it is, write {escape} or remove it");
                isWhole = false;
            }
            content.Append(c);
            Advance(1);
        }
        string text = content.ToString();
        if (IsUtf16(text)) return text;
        isWhole = false;
        _faults.Note(begin,
            "the text contains a \\u escape that is not a character, expected surrogates (\\uD800 to \\uDFFF) in pairs only");
        return text;
    }

    /// <summary>False when it is none.</summary>
    private bool ReadEscape(int end, StringBuilder content)
    {
        char c = _text[_at + 1];
        int known = "\"\\/bfnrt".IndexOf(c, StringComparison.Ordinal);
        if (known >= 0)
        {
            content.Append("\"\\/\b\f\n\r\t"[known]);
            Advance(2);
        }
        else if (c == 'u' && end - _at >= 6
            && ushort.TryParse(_text.AsSpan(_at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit))
        {
            content.Append((char)unit);
            Advance(6);
        }
        else
        {
            _faults.NoteKind("escape", Here, c == 'u'
                ? "\\u is followed by four hexadecimal digits, write \\\\ for a backslash"
                : $"\\{Wording.Shorten(c.ToString())} is no escape of JSON, write \\\\ for a backslash");
            content.Append('\\');
            Advance(1);
            return false;
        }
        return true;
    }

    private static bool IsUtf16(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out Rune rune)) return false;
            i += rune.Utf16SequenceLength;
        }
        return true;
    }
}
