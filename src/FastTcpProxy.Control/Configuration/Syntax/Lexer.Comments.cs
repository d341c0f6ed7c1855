using System.Buffers;

namespace FastTcpProxy.Control.Configuration.Syntax;

/// <summary>
/// White space, comments, and what is taken for one of them. What is in a comment whose signs are broken is no key and no value: the
/// comment is one mistake.
/// </summary>
internal sealed partial class Lexer
{
    private const string Prose = "prose";

    /// <summary>What parts of JSON begin and end with, and what is taken for one of these.</summary>
    private static readonly SearchValues<char> NeverInProse = SearchValues.Create("{}[],:;=\"'`");

    private bool IsValueDue => _tokens is [.., { Type: TokenType.Colon }];

    private void SkipBlank()
    {
        while (_at < _text.Length)
        {
            char c = _text[_at];
            ReadOnlySpan<char> rest = _text.AsSpan(_at);
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                Advance(1);
            }
            else if (rest.StartsWith("//"))
            {
                _commentLine = _line;
                SkipLine();
            }
            else if (rest.StartsWith("/*"))
            {
                SkipBlock();
            }
            else if (c == '#')
            {
                _faults.NoteKind("#", Here, "'#' begins no comment here, write //");
                SkipLine();
            }
            else if (LookAlikes.Meant(c) is ' ' or LookAlikes.Nothing || char.IsControl(c))
            {
                NoteLookAlike(c);
                Advance(1);
            }
            else if (IsBrokenSign(rest) || IsProse() || IsContinued())
            {
                SkipProse();
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>
    /// A comment up to its <c>*/</c>. One in which another begins on a later line has lost its end: what is comment and what is not cannot
    /// be told from there on, so the rest of the file is not read.
    /// </summary>
    private void SkipBlock()
    {
        int length = _text.AsSpan(_at + 2).IndexOf("*/");
        int inner = length < 0 ? -1 : FindComment(_text.AsSpan(_at + 2, length));
        if (length >= 0 && inner < 0)
        {
            Advance(length + 4);
            // Words behind it on this line belong to it, when it has ended too early.
            _commentLine = _line - 1;
            return;
        }
        int lines = inner < 0 ? 0 : _text.AsSpan(_at, inner).Count('\n');
        _faults.Note(Here, inner < 0
            ? "the comment that begins here has no end, write */ after it"
            : $"the comment that begins here has no end before the next one, at line {_line + lines}, write */ after it");
        _isCut = true;
        Advance(_text.Length - _at);
    }

    /// <summary>Where another comment begins, on a later line and as no part of a word, as in /etc/*.json; negative: none does.</summary>
    private static int FindComment(ReadOnlySpan<char> comment)
    {
        int begin = comment.LastIndexOf("/*");
        return begin > 0 && char.IsWhiteSpace(comment[begin - 1]) && comment[..begin].Contains('\n') ? begin + 2 : -1;
    }

    /// <summary>A single slash or star where a comment can stand, alone or behind a character that took the place of a slash.</summary>
    private bool IsBrokenSign(ReadOnlySpan<char> rest)
    {
        // The path behind a colon lacks its quotes, and is a value.
        if (IsValueDue) return false;
        return rest is ['/' or '*', ..] or [not '"', '/' or '*', ' ' or '\t', ..];
    }

    /// <summary>
    /// Whether a comment continues here without its sign, as after a break of its line: three words where a key or a value can begin, or
    /// words up to a <c>*/</c> that has no other beginning. What quotes and signs it has are not looked at then.
    /// </summary>
    private bool IsProse()
    {
        const int words = 3;
        ReadOnlySpan<char> rest = _text.AsSpan(_at, FindLineEnd() - _at);
        if (!IsValueDue && char.IsLetter(rest[0]) && FindEndSign() < FindQuote() && FindProseEnd() > 0) return true;
        if (_tokens is [.., var last] && last.Type != TokenType.Comma && last.End.Line == _line) return false;
        for (int i = 0; i < words; i++)
        {
            int length = rest.IndexOfAny(" \t\r");
            ReadOnlySpan<char> word = length < 0 ? rest : rest[..length];
            if (word.IsEmpty || word.ContainsAny(NeverInProse)) return false;
            rest = rest[word.Length..].TrimStart(" \t\r");
        }
        return true;
    }

    /// <summary>
    /// Whether this line continues the comment with // of the line before it: it begins with a word that is no key and no item, or with a
    /// text that continues behind its quotes.
    /// </summary>
    private bool IsContinued()
    {
        if (_commentLine != _line - 1 || IsValueDue) return false;
        if (_tokens is [.., var last] && last.End.Line == _line) return false;
        ReadOnlySpan<char> rest = _text.AsSpan(_at, FindLineEnd() - _at).TrimEnd(" \t\r");
        if (rest is ['"', ..])
        {
            int close = rest[1..].IndexOf('"');
            ReadOnlySpan<char> behind = close < 0 ? "" : rest[(close + 2)..].TrimStart(" \t");
            return behind is [not (':' or ',' or ']' or '}' or '/' or '"'), ..];
        }
        if (Structure.Contains(Plain(rest[0]), StringComparison.Ordinal)) return rest is [':', ..];
        int length = rest.IndexOfAny(" \t:,");
        return !char.IsAsciiDigit(rest[0]) && (length < 0 || rest[length..].TrimStart(" \t") is not [':' or ',' or '=' or ']' or '}', ..]);
    }

    /// <summary>To the end of the line, or of the comment where its <c>*/</c> follows.</summary>
    private void SkipProse()
    {
        int end = FindProseEnd();
        _faults.NoteKind(Prose, Here, $"neither a key nor a value begins here, write {(end < 0 ? "//" : "/*")} before a comment");
        if (end < 0) SkipLine();
        else Advance(end - _at);
    }

    /// <summary>
    /// Behind the <c>*/</c> that ends what begins here, on this line or on one after it; negative when a line with parts of JSON, or
    /// another comment, comes first. What was searched without finding one is not searched again.
    /// </summary>
    private int FindProseEnd()
    {
        // What stands behind a lone */ is the rest of its comment.
        if (_at < _proseSearched || FindEndSign() == _at) return -1;
        int at = _at;
        while (at < _text.Length)
        {
            int lineEnd = _text.IndexOf('\n', at) is >= 0 and int found ? found : _text.Length;
            ReadOnlySpan<char> line = _text.AsSpan(at, lineEnd - at);
            int end = line.IndexOf("*/"), begin = line.IndexOf("/*");
            if (end >= 0 && (begin < 0 || end < begin)) return at + end + 2;
            at = Math.Min(lineEnd + 1, _text.Length);
            if (begin >= 0 || (at < _text.Length && IsStructural(_text.AsSpan(at).TrimStart(" \t\r")))) break;
        }
        _proseSearched = at;
        return -1;
    }

    /// <summary>Where the next <c>*/</c> stands; the end of the text when there is none.</summary>
    private int FindEndSign() => Find("*/", ref _endSign);

    private int FindQuote() => Find("\"", ref _quote);

    /// <param name="found">Where it stood last: what is before it is not searched again.</param>
    private int Find(string sign, ref int found)
    {
        if (found < _at) found = _text.IndexOf(sign, _at, StringComparison.Ordinal) is >= 0 and int next ? next : _text.Length;
        return found;
    }

    private static bool IsStructural(ReadOnlySpan<char> line) => line is ['"' or '{' or '}' or '[' or ']', ..] or ['/', '/', ..];

    private void SkipLine() => Advance(FindLineEnd() - _at);
}
