using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Syntax;

/// <summary>
/// Takes a text apart that is not JSON, and reads over what can be read over: comments with <c>#</c>, look-alikes, other quotes, missing
/// quotes. It is asked only after the strict reader has refused the text, so it decides no more than what the operator is told. Its time is
/// linear in the text. One thread, one call of the reader. <c>Lexer.Comments.cs</c> has what stands between the parts, and
/// <c>Lexer.Texts.cs</c> the texts in quotes.
/// </summary>
internal sealed partial class Lexer
{
    private const string Structure = "{}[],:";

    private readonly string _text;
    private readonly SyntaxFaults _faults;
    private readonly List<SyntaxToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _column = 1;
    private int _tokenBegin;
    private int _tokenEnd = -1;
    private int _lineEnd = -1;
    private int _proseSearched = -1;
    private int _commentLine = -1;
    private int _endSign = -1;
    private int _quote = -1;
    private bool _isCut;

    private Lexer(string text, SyntaxFaults faults)
    {
        _text = text;
        _faults = faults;
    }

    private Position Here => new(_line, _column);

    /// <summary>The parts of a text, the last of which is its end.</summary>
    /// <param name="text">Without a byte order mark.</param>
    /// <param name="faults">Gets what is wrong with single parts.</param>
    public static List<SyntaxToken> Read(string text, SyntaxFaults faults)
    {
        Lexer lexer = new(text, faults);
        while (lexer.Take() && !faults.IsFull) continue;
        if (lexer._tokens is not [.., { Type: TokenType.End }]) lexer.Add(TokenType.End, lexer.Here, "");
        return lexer._tokens;
    }

    private bool Take()
    {
        SkipBlank();
        _tokenBegin = _at;
        if (_at == _text.Length)
        {
            Add(TokenType.End, Here, "", isWhole: !_isCut);
            return false;
        }
        char c = _text[_at];
        char plain = Plain(c);
        if (plain is '"' or '\'' or '`')
            ReadText(plain);
        else if (Structure.Contains(plain, StringComparison.Ordinal))
            TakeStructure(plain);
        else if (c == ';')
            TakeInPlaceOf(',');
        else if (c == '=')
            TakeInPlaceOf(':');
        else
            ReadWord();
        return true;
    }

    private void TakeStructure(char plain)
    {
        char c = _text[_at];
        if (c != plain) NoteLookAlike(c);
        Position at = Here;
        Advance(1);
        Add(TypeOf(plain), at, "");
    }

    private void TakeInPlaceOf(char plain)
    {
        Position at = Here;
        _faults.NoteKind(_text[_at].ToString(), at, $"'{_text[_at]}' is not part of JSON, write '{plain}'");
        Advance(_text.AsSpan(_at).StartsWith("=>") ? 2 : 1);
        Add(TypeOf(plain), at, "");
    }

    private static TokenType TypeOf(char structure) => structure switch
    {
        '{' => TokenType.OpenObject,
        '}' => TokenType.CloseObject,
        '[' => TokenType.OpenList,
        ']' => TokenType.CloseList,
        ',' => TokenType.Comma,
        _ => TokenType.Colon,
    };

    /// <summary>The character that was meant, of those that have a meaning outside of texts.</summary>
    private static char Plain(char c) => LookAlikes.Meant(c) is { } meant and not LookAlikes.Nothing ? meant : c;

    private void NoteLookAlike(char c) => NoteLookAlike(c, Here);

    private void NoteLookAlike(char c, Position at)
    {
        // Quotes come in pairs of different characters, and are one mistake.
        string kind = Plain(c) is '"' or '\'' ? "quotes" : c.ToString();
        _faults.NoteKind(kind, at, $"the character {LookAlikes.Describe(c)} is not part of JSON, {LookAlikes.Advice(c)}");
    }

    private void ReadWord()
    {
        Position at = Here;
        int begin = _at;
        bool hasDot = false;
        do
        {
            hasDot |= _text[_at] == '.';
            Advance(1);
        }
        while (_at < _text.Length && IsOfWord(hasDot));
        Add(TokenType.Word, at, _text[begin.._at]);
    }

    /// <param name="hasDot">Whether the word so far has a dot, as addresses have.</param>
    private bool IsOfWord(bool hasDot)
    {
        char c = _text[_at];
        if (c == ':')
        {
            // The port of an address and the slashes of a URL belong to a word, the colon after a key does not.
            char next = _at + 1 < _text.Length ? _text[_at + 1] : ' ';
            return next == '/' || (hasDot && char.IsAsciiDigit(next));
        }
        return !char.IsWhiteSpace(c) && !char.IsControl(c) && c is not ('#' or ';' or '=') && Plain(c) is var plain
            && plain is not (' ' or '"' or '\'' or '`') && !Structure.Contains(plain, StringComparison.Ordinal);
    }

    private void Add(TokenType type, Position at, string text, bool isWhole = true)
    {
        _tokens.Add(new SyntaxToken(type, at, Here, text, isWhole, _tokenBegin == _tokenEnd));
        _tokenEnd = _at;
    }

    /// <summary>Moves on, and counts lines and columns.</summary>
    private void Advance(int count)
    {
        for (int end = _at + count; _at < end; _at++)
        {
            if (_text[_at] == '\n') (_line, _column) = (_line + 1, 1);
            else if (!char.IsLowSurrogate(_text[_at])) _column++;
        }
    }
}
