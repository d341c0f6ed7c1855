using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Reads JSON with comments and trailing commas into a tree that knows the place of every key and value. It does not recurse: depth costs
/// nothing but a stack entry, and is bounded. One thread, one call; the tree belongs to the caller.
/// </summary>
internal ref struct NodeReader
{
    private static readonly JsonReaderOptions Options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        // One more than the bound, so that the bound is reported here in the words of this format.
        MaxDepth = ConfigurationLimits.DepthMax + 1,
    };

    private readonly ReadOnlySpan<byte> _utf8;
    private readonly ProblemList _problems;
    private readonly Stack<Open> _open = [];
    private Utf8JsonReader _reader;
    private PositionCursor _cursor;
    private ConfigurationNode? _root;

    private NodeReader(ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        _utf8 = utf8;
        _problems = problems;
        _reader = new Utf8JsonReader(utf8, Options);
        _cursor = new PositionCursor(utf8);
    }

    /// <summary>
    /// The tree, or null after a fault of the syntax, which is then in <paramref name="problems"/>. Duplicate keys are reported, the
    /// first one counts.
    /// </summary>
    public static ConfigurationNode? Read(ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        if (!Utf8.IsValid(utf8))
        {
            problems.Error(FirstInvalid(utf8), ConfigurationCodes.NotUtf8, "the file is not UTF-8 from here on, expected UTF-8 text");
            return null;
        }
        return new NodeReader(utf8, problems).ReadAll();
    }

    private ConfigurationNode? ReadAll()
    {
        try
        {
            while (_reader.Read())
            {
                if (!Take(_cursor.MoveTo((int)_reader.TokenStartIndex)))
                    return null;
            }
            return _root;
        }
        catch (JsonException fault)
        {
            ReportSyntax(fault);
            return null;
        }
    }

    private bool Take(Position at)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Begin(new ConfigurationNode(NodeKind.Object, at, ""));
            case JsonTokenType.StartArray:
                return Begin(new ConfigurationNode(NodeKind.List, at, ""));
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _open.Pop();
                return true;
            case JsonTokenType.PropertyName:
                _open.Peek().Key = ReadText(at);
                _open.Peek().KeyAt = at;
                return _open.Peek().Key is not null;
            case JsonTokenType.String:
                return ReadText(at) is { } text && Place(new ConfigurationNode(NodeKind.Text, at, text));
            case JsonTokenType.Null:
                return Place(new ConfigurationNode(NodeKind.Null, at, ""));
            case JsonTokenType.Number:
                return Place(new ConfigurationNode(NodeKind.Number, at, Encoding.UTF8.GetString(_reader.ValueSpan)));
            default:
                return Place(new ConfigurationNode(NodeKind.Boolean, at, _reader.TokenType == JsonTokenType.True ? "true" : "false"));
        }
    }

    private bool Begin(ConfigurationNode node)
    {
        if (_open.Count == ConfigurationLimits.DepthMax)
        {
            _problems.Error(node.At, ConfigurationCodes.TooDeep,
                $"objects and lists are nested deeper than {ConfigurationLimits.DepthMax}, expected at most that");
            return false;
        }
        Place(node);
        _open.Push(new Open(node));
        return true;
    }

    private bool Place(ConfigurationNode node)
    {
        if (!_open.TryPeek(out Open? open))
        {
            _root = node;
        }
        else if (open.Node.Kind == NodeKind.List)
        {
            open.Node.AddItem(node);
        }
        else if (open.Keys.TryAdd(open.Key!, open.KeyAt))
        {
            open.Node.AddProperty(open.Key!, open.KeyAt, node);
        }
        else
        {
            _problems.Error(open.KeyAt, ConfigurationCodes.DuplicateKey,
                $"key {Wording.Quote(open.Key!)} is already given at {open.Keys[open.Key!]}, expected each key once");
        }
        return true;
    }

    private readonly string? ReadText(Position at)
    {
        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // The bytes are valid UTF-8, so the only way here is an escape for half of a surrogate pair.
            _problems.Error(at, ConfigurationCodes.NotJson,
                "the text contains a \\u escape that is not a character, expected surrogates (\\uD800 to \\uDFFF) in pairs only");
            return null;
        }
    }

    private readonly void ReportSyntax(JsonException fault)
    {
        int offset = 0;
        for (long line = fault.LineNumber ?? 0; line > 0; line--)
            offset += _utf8[offset..].IndexOf((byte)'\n') + 1;
        offset = (int)Math.Min(offset + (fault.BytePositionInLine ?? 0), _utf8.Length);
        Position at = new PositionCursor(_utf8).MoveTo(offset);
        bool atEnd = _utf8[offset..].Trim(" \t\r\n"u8).IsEmpty;
        if (_root is null && atEnd)
        {
            _problems.Error(Position.Start, ConfigurationCodes.Empty, "the file is empty, expected a JSON object with \"services\"");
        }
        else if (atEnd && _open.TryPeek(out Open? open))
        {
            string what = open.Node.Kind == NodeKind.Object ? "the object" : "the list";
            char close = open.Node.Kind == NodeKind.Object ? '}' : ']';
            _problems.Error(at, ConfigurationCodes.NotJson,
                $"the file ends inside {what} that begins at {open.Node.At}, expected '{close}'");
        }
        else
        {
            _problems.Error(at, ConfigurationCodes.NotJson, $"not JSON: {OneLine.Escape(JsonFault.What(fault))}");
        }
    }

    private static Position FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(utf8[offset..], out _, out int length) == System.Buffers.OperationStatus.Done)
            offset += length;
        return new PositionCursor(utf8).MoveTo(offset);
    }

    /// <summary>An object or list whose end has not been read. Owned by the reader's stack.</summary>
    private sealed class Open(ConfigurationNode node)
    {
        public ConfigurationNode Node { get; } = node;

        public Dictionary<string, Position> Keys { get; } = new(StringComparer.Ordinal);

        public string? Key { get; set; }

        public Position KeyAt { get; set; }
    }
}
