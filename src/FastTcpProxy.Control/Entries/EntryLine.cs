using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Control.Entries;

/// <summary>
/// A line of the files of entries: the checksum of what follows in eight hexadecimal digits, a blank, and a change as JSON. Pure, any
/// thread.
/// </summary>
internal static class EntryLine
{
    private const int SumChars = 8;

    /// <summary>The entry is, from this revision on.</summary>
    public static void WriteSet(IBufferWriter<byte> output, StoredEntry entry) => Write(output,
        new LineDocument(entry.Revision, "set")
        {
            Network = entry.Key.Network.ToString(),
            Action = WordOf(entry.Key.Action),
            Service = entry.Key.Service,
            Expires = entry.Expires?.ToUnixTimeMilliseconds(),
            Reason = entry.Reason.Length == 0 ? null : entry.Reason,
            Author = entry.Author,
            Origin = WordOf(entry.Origin),
            Created = entry.Created.ToUnixTimeMilliseconds(),
        });

    /// <summary>The entry is no longer.</summary>
    public static void WriteRemoved(IBufferWriter<byte> output, EntryKey key, long revision) => Write(output,
        new LineDocument(revision, "removed")
        {
            Network = key.Network.ToString(), Action = WordOf(key.Action), Service = key.Service,
        });

    /// <summary>The first line of a snapshot: changes up to this revision are in it.</summary>
    public static void WriteHead(IBufferWriter<byte> output, long revision) => Write(output, new LineDocument(revision, "snapshot"));

    /// <summary>False: it is no such line, or not a whole one.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="change">The change; its key is the default for the first line of a snapshot.</param>
    public static bool TryRead(ReadOnlySpan<byte> line, out EntryChange change)
    {
        change = default;
        if (line.Length <= SumChars + 1 || line[SumChars] != ' ') return false;
        ReadOnlySpan<byte> text = line[(SumChars + 1)..];
        if (!Utf8Parser.TryParse(line[..SumChars], out uint sum, out int used, 'x') || used != SumChars || sum != SumOf(text)) return false;
        try
        {
            LineDocument? document = JsonSerializer.Deserialize(text, LineContext.Default.LineDocument);
            return document is not null && TryRead(document, out change);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static string WordOf(NetworkAction action) => action == NetworkAction.Deny ? "deny" : "allow";

    public static string WordOf(EntryOrigin origin) => origin switch
    {
        EntryOrigin.Operator => "operator",
        EntryOrigin.Api => "api",
        EntryOrigin.File => "file",
        _ => "rule",
    };

    private static bool TryRead(LineDocument document, out EntryChange change)
    {
        change = new EntryChange(document.Revision, default, null);
        if (document.Kind == "snapshot") return true;
        if (!NetworkText.TryParse(Encoding.UTF8.GetBytes(document.Network ?? ""), out Network network, out _)
            || document.Action is not ("deny" or "allow"))
            return false;
        EntryKey key = new(network, document.Action == "deny" ? NetworkAction.Deny : NetworkAction.Allow, document.Service);
        change = change with { Key = key };
        if (document.Kind == "removed") return true;
        EntryOrigin[] origins = [.. Enum.GetValues<EntryOrigin>().Where(o => WordOf(o) == document.Origin)];
        // What a request may not hold a file may not either: it reaches logs and terminals.
        if (document.Kind != "set" || origins is not [var origin] || document.Author is not { } author
            || document.Created is not { } created || EntryRules.CheckTexts(document.Reason ?? "", author) is not null)
            return false;
        change = change with
        {
            Entry = new StoredEntry(key, TimeOf(document.Expires), document.Reason ?? "", author, origin, TimeOf(created)!.Value,
                document.Revision),
        };
        return true;
    }

    // The range of the type, so that no checksum can make it throw.
    private static DateTimeOffset? TimeOf(long? ms) => ms is { } value
        ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(value, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())) : null;

    private static void Write(IBufferWriter<byte> output, LineDocument document)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(document, LineContext.Default.LineDocument);
        Span<byte> line = output.GetSpan(SumChars + 1 + text.Length + 1);
        Utf8Formatter.TryFormat(SumOf(text), line, out _, new StandardFormat('x', SumChars));
        line[SumChars] = (byte)' ';
        text.CopyTo(line[(SumChars + 1)..]);
        line[SumChars + 1 + text.Length] = (byte)'\n';
        output.Advance(SumChars + 1 + text.Length + 1);
    }

    private static uint SumOf(ReadOnlySpan<byte> text) => Crc32C.Finish(Crc32C.Add(Crc32C.Seed, text));
}

/// <summary>The content of a line. Immutable.</summary>
/// <param name="Revision">Of the change.</param>
/// <param name="Kind"><c>set</c>, <c>removed</c> or <c>snapshot</c>.</param>
internal sealed record LineDocument(long Revision, string Kind)
{
    public string? Network { get; init; }

    public string? Action { get; init; }

    public string? Service { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long? Expires { get; init; }

    public string? Reason { get; init; }

    public string? Author { get; init; }

    public string? Origin { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long? Created { get; init; }
}

/// <summary>How it is written and read. Generated, without reflection. Immutable, any thread.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LineDocument))]
internal sealed partial class LineContext : JsonSerializerContext;
