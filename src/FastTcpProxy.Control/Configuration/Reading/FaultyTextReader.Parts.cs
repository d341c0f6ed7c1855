using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Syntax;
using static FastTcpProxy.Control.Configuration.Reading.TreeBuilder;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>The steps inside objects and lists: each takes at least one part of the text, or changes what is wanted next.</summary>
internal sealed partial class FaultyTextReader
{
    private bool Step(Open top) => Token.Type switch
    {
        TokenType.Comma => TakeComma(top),
        TokenType.Colon => TakeColon(top),
        TokenType.CloseObject or TokenType.CloseList => TakeClose(top),
        _ => top.Wanted switch
        {
            Wanted.Key => TakeKey(top),
            Wanted.Colon => MissColon(top),
            Wanted.Value => TakeItem(top),
            _ => MissComma(top),
        },
    };

    private bool TakeComma(Open top)
    {
        if (IsValueMissing(top)) MissValue(top);
        else if (top.Wanted != Wanted.Comma) _faults.Note(Token.At, "',' stands without a value before it, remove it");
        top.Wanted = top.Node.Kind == NodeKind.Object ? Wanted.Key : Wanted.Value;
        _next++;
        return true;
    }

    private bool TakeColon(Open top)
    {
        if (top.Wanted == Wanted.Colon)
        {
            top.Wanted = Wanted.Value;
        }
        else if (top.Wanted == Wanted.Key)
        {
            _faults.Note(Token.At, "':' stands without a key before it, write \"key\": value");
            top.Key = null;
            top.Wanted = Wanted.Value;
        }
        else if (top.Node.Kind == NodeKind.Object && top.Wanted == Wanted.Value)
        {
            _faults.Note(Token.At, "':' stands twice, remove one");
        }
        else
        {
            _faults.Note(Token.At, "':' stands after a value, where ',' or the end is expected: is the value, up to its end, in quotes?");
            top.Node.MarkPartial();
            SkipEntry();
            top.Wanted = Wanted.Comma;
            return true;
        }
        _next++;
        return true;
    }

    private bool TakeKey(Open top)
    {
        if (Token.Type is TokenType.OpenObject or TokenType.OpenList)
        {
            _faults.Note(Token.At, $"{Show(Token)} stands where a key is expected, write \"key\": before it");
            top.Key = null;
            return TakeValue();
        }
        if (IsBeforeKey())
        {
            _faults.Note(Token.At, $"{Show(Token)} stands before the key {Show(Peek(1))}, remove it, or write \"key\": value");
            top.Node.MarkPartial();
            _next++;
            return true;
        }
        if (Token.Type == TokenType.Word)
            _faults.NoteKind("key without quotes", Token.At, $"the key {Show(Token)} is not in quotes, write {Wording.Quote(Token.Text)}");
        top.Key = Token.IsWhole ? Token.Text : null;
        top.KeyAt = Token.At;
        top.Wanted = Wanted.Colon;
        _next++;
        return true;
    }

    private bool MissColon(Open top)
    {
        if (Token.Follows) return BreakLine(top);
        _faults.Note(Peek(-1).End, $"':' is missing here, between the key {Wording.Quote(top.Key ?? "")} and {Show(Token)}");
        top.Wanted = Wanted.Value;
        return true;
    }

    private bool TakeItem(Open top)
    {
        if (top.Node.Kind != NodeKind.List || !IsKey()) return TakeValue();
        TakeMissingEnd(top);
        return true;
    }

    /// <summary>A key inside a list: the list ended before it.</summary>
    private void TakeMissingEnd(Open top)
    {
        NoteUnclosed(top, $"the key {Show(Token)}", Peek(-1).Type == TokenType.Comma ? "" : " and ','");
        CloseTop();
        if (_tree.Top is { } around && around.Node.Kind == NodeKind.Object) around.Wanted = Wanted.Key;
    }

    private bool MissComma(Open top)
    {
        if (Token.Follows && IsQuotedOrWord(Token) && IsQuotedOrWord(Peek(-1)))
        {
            _tree.Last!.Spoil();
            return BreakLine(top);
        }
        if (top.Node.Kind == NodeKind.List && IsKey())
        {
            TakeMissingEnd(top);
        }
        else if (top.Node.Kind == NodeKind.List || IsKey())
        {
            _faults.Note(Peek(-1).End, $"',' is missing here, before {Show(Token)}");
            top.Wanted = top.Node.Kind == NodeKind.Object ? Wanted.Key : Wanted.Value;
        }
        else
        {
            _faults.Note(Token.At, $"{Show(Token)} stands after the value of {Wording.Quote(top.Key ?? "")}, "
                + "where ',' or '}' is expected: remove it, or write both values as one");
            _tree.Last?.Spoil();
            SkipEntry();
        }
        return true;
    }

    /// <summary>An end: of the innermost, of one around it, or of nothing.</summary>
    private bool TakeClose(Open top)
    {
        bool isObject = Token.Type == TokenType.CloseObject;
        NodeKind kind = isObject ? NodeKind.Object : NodeKind.List;
        if (top.Node.Kind == kind)
        {
            if (isObject && IsValueMissing(top)) MissValue(top);
            CloseTop();
            _next++;
        }
        else if (!_tree.Opened.Any(open => open.Node.Kind == kind))
        {
            _faults.Note(Token.At, $"{Show(Token)} closes nothing, remove it");
            _next++;
        }
        else if (IsWrongBracket())
        {
            _faults.Note(Token.At, $"{Show(Token)} closes {Describe(top)}, write '{Closing(top)}'");
            if (IsValueMissing(top)) MissValue(top);
            CloseTop();
            _next++;
        }
        else
        {
            NoteUnclosed(top, Show(Token));
            CloseTop();
        }
        return true;
    }

    /// <summary>
    /// Whether what follows an end of the other type belongs into what is around the innermost, so that the end was meant for that one.
    /// </summary>
    private bool IsWrongBracket()
    {
        Open around = _tree.Opened.ElementAt(1);
        SyntaxToken next = Peek(1);
        return next.Type switch
        {
            TokenType.CloseObject => around.Node.Kind == NodeKind.Object,
            TokenType.CloseList => around.Node.Kind == NodeKind.List,
            TokenType.Comma when Peek(2).Type is TokenType.CloseObject or TokenType.CloseList =>
                around.Node.Kind == NodeKind.Object == (Peek(2).Type == TokenType.CloseObject),
            TokenType.Comma => around.Node.Kind == NodeKind.Object == (Peek(3).Type == TokenType.Colon),
            _ => false,
        };
    }

    private void NoteUnclosed(Open top, string before, string comma = "")
    {
        SyntaxToken last = Peek(-1);
        _faults.Note(last.Type == TokenType.Comma ? last.At : last.End,
            $"{Describe(top)} is not closed before {before}, write '{Closing(top)}'{comma} here");
        if (IsValueMissing(top)) PlaceUnknown();
    }

    /// <summary>Quotes are missing, or too many: what is a text on this line, and what is not, cannot be told from here on.</summary>
    private bool BreakLine(Open top)
    {
        SyntaxToken before = Peek(-1);
        _faults.NoteInPlaceOfRest(before.At, before.Type == TokenType.Word
            ? $"{Show(before)} has a quote after it and none before it, write {Wording.Quote(before.Text)}"
            : $"the text that begins here ends before {Show(Token)}: a quote is missing, or one inside the text is not written as \\\"");
        foreach (Open open in _tree.Opened) open.Node.MarkPartial();
        SkipLine();
        top.Wanted = Wanted.Comma;
        return true;
    }

    private static bool IsQuotedOrWord(SyntaxToken token) => token.Type is TokenType.Text or TokenType.Word;

    private static bool IsValueMissing(Open top) =>
        top.Node.Kind == NodeKind.Object && top.Wanted is (Wanted.Colon or Wanted.Value);

    private void MissValue(Open top)
    {
        _faults.Note(top.KeyAt, $"the key {Wording.Quote(top.Key ?? "")} has no value, write one after ':', or remove the key");
        PlaceUnknown();
    }

    private void PlaceUnknown()
    {
        ConfigurationNode unknown = new(NodeKind.Unreadable, Token.At, "");
        _tree.Place(unknown);
    }

    private void CloseTop()
    {
        _tree.End();
        if (_tree.Top is { } around) around.Wanted = Wanted.Comma;
    }

    /// <summary>A key: a text or word before a colon.</summary>
    private bool IsKey() => IsQuotedOrWord(Token) && Peek(1).Type == TokenType.Colon;

    /// <summary>Whether another key follows where a colon is expected. As a value it would make all behind it wrong.</summary>
    private bool IsBeforeKey() => Peek(1) is { Follows: false } next && IsQuotedOrWord(next) && Peek(2).Type == TokenType.Colon;

    /// <summary>Reads over what stands before the next comma or end, on this line.</summary>
    private void SkipEntry()
    {
        int line = Token.At.Line;
        do _next++;
        while (Token.At.Line == line
            && Token.Type is not (TokenType.Comma or TokenType.CloseObject or TokenType.CloseList or TokenType.End));
    }

    /// <summary>Reads over the rest of a line, up to the bracket that closes what was open before it.</summary>
    private void SkipLine()
    {
        int line = Token.At.Line, depth = 0;
        for (; Token.At.Line == line && Token.Type != TokenType.End; _next++)
        {
            if (Token.Type is TokenType.OpenObject or TokenType.OpenList) depth++;
            if (Token.Type is TokenType.CloseObject or TokenType.CloseList && --depth < 0) return;
        }
        // A comma at its end ends the entry.
        if (Peek(-1).Type == TokenType.Comma) _next--;
    }

    /// <summary>False when it is too deep.</summary>
    private bool TakeValue()
    {
        Open? around = _tree.Top;
        SyntaxToken token = Token;
        _next++;
        if (around is not null) around.Wanted = Wanted.Comma;
        if (token.Type is TokenType.OpenObject or TokenType.OpenList)
            return _tree.Begin(token.Type == TokenType.OpenObject ? NodeKind.Object : NodeKind.List, token.At);
        if (token.Type == TokenType.Text)
            _tree.Place(new ConfigurationNode(token.IsWhole ? NodeKind.Text : NodeKind.Unreadable, token.At, token.Text));
        else
            _tree.Place(Words.Read(token, _faults));
        return true;
    }
}
