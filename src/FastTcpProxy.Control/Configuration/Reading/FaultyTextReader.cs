using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Syntax;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Reads a text that is not JSON for the sake of its mistakes: each is told once, at its place, and read over, so that the mistakes of the
/// rest are told too. What a mistake has made unknown becomes a node that nothing more is said of. It is linear in the text, bounded by
/// <see cref="Model.ConfigurationLimits.SyntaxFaultsMax"/>, and always reports an error: no such text is ever accepted. One thread, one
/// call. <c>FaultyTextReader.Parts.cs</c> has the steps inside objects and lists.
/// </summary>
internal sealed partial class FaultyTextReader
{
    private const string Begin = "expected JSON that begins with '{', such as { \"services\": [ ... ] }";

    private readonly SyntaxFaults _faults;
    private readonly List<SyntaxToken> _tokens;
    private readonly TreeBuilder _tree = new();
    private int _next;
    private bool _isRootImplied;

    private FaultyTextReader(List<SyntaxToken> tokens, SyntaxFaults faults)
    {
        _tokens = tokens;
        _faults = faults;
    }

    private SyntaxToken Token => Peek(0);

    /// <summary>What could be read; null when that is too little to check.</summary>
    public static ConfigurationNode? Read(string text, ProblemList problems)
    {
        if (ForeignFormat.Of(text, out Position at) is { } format)
        {
            problems.Error(at, ConfigurationCodes.NotJson, $"this looks like {format}, {Begin}");
            return null;
        }
        SyntaxFaults faults = new();
        List<SyntaxToken> tokens = Lexer.Read(text, faults);
        if (tokens is [{ Type: TokenType.End }] && !faults.Any)
        {
            problems.Error(Position.Start, ConfigurationCodes.Empty,
                "the file has nothing but blanks or comments, expected a JSON object with \"services\"");
            return null;
        }
        return new FaultyTextReader(tokens, faults).ReadAll(problems);
    }

    private ConfigurationNode? ReadAll(ProblemList problems)
    {
        bool isRead = ReadRoot();
        if (!_faults.Any && isRead)
            _faults.Note(Position.Start, "the file is not JSON, and the mistake cannot be named, see RFC 8259 for what JSON is");
        if (_faults.IsFull)
            problems.Error(Token.At, ConfigurationCodes.MoreProblems, "the rest of the file is not read, correct the mistakes above first");
        _faults.Report(problems);
        _tree.Report(problems);
        return isRead && !_faults.IsFull ? _tree.Root : null;
    }

    /// <summary>False when the rest is too little to check.</summary>
    private bool ReadRoot()
    {
        SyntaxToken first = Token;
        if (first.Type == TokenType.Text && Peek(1).Type == TokenType.Colon)
        {
            _faults.Note(first.At, "the file begins with a key, write '{' before it, and '}' at the end of the file");
            _isRootImplied = _tree.Begin(NodeKind.Object, first.At);
        }
        else if (first.Type is TokenType.OpenObject or TokenType.OpenList)
        {
            if (!TakeValue()) return false;
        }
        else
        {
            string what = first.Type is TokenType.Word or TokenType.Text ? Wording.Quote(first.Text) : Show(first);
            if (first.Type != TokenType.End) _faults.NoteAlone(first.At, $"the file begins with {what}, {Begin}");
            return false;
        }
        while (_tree.Top is not null && Token.Type != TokenType.End)
        {
            if (_faults.IsFull || !Step(_tree.Top)) return false;
        }
        // A comment without an end has the rest of the objects.
        if (_tree.Top is not null && !Token.IsWhole) return false;
        if (_tree.Top is not null)
            CloseAtEnd();
        else if (Token.Type != TokenType.End)
            NoteTrailing();
        return true;
    }

    private void NoteTrailing() => _faults.Note(Token.At, Token.Type switch
    {
        TokenType.CloseObject or TokenType.CloseList => $"{Show(Token)} closes nothing, remove it, or write the bracket that opens it",
        TokenType.Comma => "',' stands after the end of the file's object, remove it",
        TokenType.OpenObject => "a second object begins after the end of the first, expected one object, are these two files in one?",
        _ => $"{Show(Token)} stands after the end of the file's object, remove it; or a '}}' before it is too many",
    });

    /// <summary>The end of the file closes what is open; of a text that is cut off inside a value this is said already.</summary>
    private void CloseAtEnd()
    {
        TreeBuilder.Open top = _tree.Top!;
        bool isImplied = _isRootImplied && _tree.Opened.Count == 1;
        bool isTold = _next > 0 && Peek(-1) is { Type: TokenType.Text, IsWhole: false };
        if (!isImplied && !isTold)
        {
            string others = _tree.Opened.Count switch
            {
                1 => "",
                2 => ", and one more bracket for what is around it",
                _ => $", and {_tree.Opened.Count - 1} more brackets for what is around it; the file may be cut off",
            };
            _faults.Note(Token.At, $"the file ends inside {Describe(top)}, write '{Closing(top)}'{others}");
        }
        while (_tree.Top is { } open)
        {
            if (IsValueMissing(open)) PlaceUnknown();
            if (!isImplied) open.Node.MarkPartial();
            _tree.End();
        }
    }

    private SyntaxToken Peek(int ahead) => _tokens[Math.Min(_next + ahead, _tokens.Count - 1)];

    private static string Describe(TreeBuilder.Open open) =>
        $"the {(open.Node.Kind == NodeKind.Object ? "object" : "list")} that begins at {open.Node.At}";

    private static char Closing(TreeBuilder.Open open) => open.Node.Kind == NodeKind.Object ? '}' : ']';

    /// <summary>A part as messages write it.</summary>
    private static string Show(SyntaxToken token) => token.Type switch
    {
        TokenType.OpenObject => "'{'",
        TokenType.CloseObject => "'}'",
        TokenType.OpenList => "'['",
        TokenType.CloseList => "']'",
        TokenType.Comma => "','",
        TokenType.Colon => "':'",
        TokenType.Text => Wording.Quote(token.Text),
        TokenType.Word => Wording.Shorten(token.Text),
        _ => "the end of the file",
    };
}
