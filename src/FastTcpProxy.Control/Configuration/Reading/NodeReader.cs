using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Syntax;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Reads JSON with comments and trailing commas into a tree that knows the place of every key and value. It does not recurse. A text that
/// is not JSON is given to <see cref="FaultyTextReader"/>, which says why. One thread, one call; the tree belongs to the caller.
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

    private readonly TreeBuilder _tree = new();
    private Utf8JsonReader _reader;
    private PositionCursor _cursor;

    private NodeReader(ReadOnlySpan<byte> utf8)
    {
        _reader = new Utf8JsonReader(utf8, Options);
        _cursor = new PositionCursor(utf8);
    }

    /// <summary>
    /// The tree, or what could be read of one after mistakes of the syntax, which are then in <paramref name="problems"/>; null when
    /// nothing could. Duplicate keys are reported, the first one counts.
    /// </summary>
    public static ConfigurationNode? Read(ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        if (ForeignFormat.Encoding(utf8) is { } foreign)
        {
            problems.Error(Position.Start, ConfigurationCodes.NotUtf8, foreign);
            return null;
        }
        if (!Utf8.IsValid(utf8))
        {
            (Position at, byte wrong) = FirstInvalid(utf8);
            problems.Error(at, ConfigurationCodes.NotUtf8,
                $"the file is not UTF-8 from here on (the byte 0x{wrong:X2}), expected UTF-8 text: save it as UTF-8");
            return null;
        }
        return new NodeReader(utf8).TryReadAll(problems, out ConfigurationNode? root)
            ? root
            : FaultyTextReader.Read(Encoding.UTF8.GetString(utf8), problems);
    }

    /// <summary>The tree; false, with nothing reported, when the text is not JSON.</summary>
    private bool TryReadAll(ProblemList problems, out ConfigurationNode? root)
    {
        root = null;
        try
        {
            while (_reader.Read())
            {
                if (Take(_cursor.MoveTo((int)_reader.TokenStartIndex))) continue;
                _tree.Report(problems);
                return true;
            }
        }
        // The second is for an escape that stands for half of a surrogate pair.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return false;
        }
        _tree.Report(problems);
        root = _tree.Root;
        return true;
    }

    private readonly bool Take(Position at)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return _tree.Begin(NodeKind.Object, at);
            case JsonTokenType.StartArray:
                return _tree.Begin(NodeKind.List, at);
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _tree.End();
                break;
            case JsonTokenType.PropertyName:
                _tree.Top!.Key = _reader.GetString();
                _tree.Top.KeyAt = at;
                break;
            case JsonTokenType.String:
                _tree.Place(new ConfigurationNode(NodeKind.Text, at, _reader.GetString()!));
                break;
            case JsonTokenType.Null:
                _tree.Place(new ConfigurationNode(NodeKind.Null, at, ""));
                break;
            case JsonTokenType.Number:
                _tree.Place(new ConfigurationNode(NodeKind.Number, at, Encoding.UTF8.GetString(_reader.ValueSpan)));
                break;
            default:
                _tree.Place(new ConfigurationNode(NodeKind.Boolean, at, _reader.TokenType == JsonTokenType.True ? "true" : "false"));
                break;
        }
        return true;
    }

    private static (Position At, byte Wrong) FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(utf8[offset..], out _, out int length) == System.Buffers.OperationStatus.Done)
            offset += length;
        return (new PositionCursor(utf8).MoveTo(offset), utf8[offset]);
    }
}
