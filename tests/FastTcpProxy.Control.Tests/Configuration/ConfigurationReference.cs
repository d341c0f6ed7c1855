using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Keys;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// Writes the reference of the configuration keys from the description that the loader, its messages and the schema come from. Each object
/// that a file may hold has a table. Pure.
/// </summary>
internal static class ConfigurationReference
{
    private const string Preamble = """
        # Configuration

        This page is made from the program's own description of its configuration, the one that `fasttcpproxy schema` and the messages of `fasttcpproxy check` come from.
        A test compares the page with that description, and rewrites it when the environment says `FASTTCPPROXY_WRITE_DOCUMENTS=1`.

        The file is JSON with comments and trailing commas. Unknown keys, duplicate names, values out of range and zero timeouts are errors. What is valid but will surprise is a warning.
        Every message names file, line, column and a code that keeps its meaning.

        A duration is a whole number with one unit, in quotes: `"250ms"`, `"5s"`, `"10m"`, `"2h"`, `"1d"`. Paths of certificates, keys, tokens and headers may be relative to the configuration's folder; others are absolute.
        [A commented example](../FastTcpProxy.Daemon/Examples/fasttcpproxy.json) shows most keys in use. [ADR 6](adr/0006-configuration.md) says why the rules are as strict as they are.

        """;

    private const string OnlyCheckPreamble = """

        ## In an editor
        `fasttcpproxy schema` writes the same description as a JSON schema (draft 2020-12). With it VS Code, and editors that use its language service, take comments and trailing
        commas, complete keys and words, show default and bounds at a key, and say in words what is wrong with a value. What the schema refuses, `check` refuses too. These mistakes
        only `check` finds, or finds always:

        | code | mistake | why the schema does not find it |
        |---|---|---|

        """;

    /// <summary>Said once, at the top of the page.</summary>
    private const string Durations = ", written in quotes with its unit ms, s, m, h or d";

    private const string Root = "The file";

    public static string Write()
    {
        List<Table> tables = [];
        Find(new Table(Root, RootKeys.Kind.Shape, []), "", tables);
        StringBuilder page = new(Preamble);
        foreach (Table table in tables) Write(table, page);
        page.Append(OnlyCheckPreamble);
        foreach (OnlyCheck entry in OnlyCheck.All)
            page.Append(CultureInfo.InvariantCulture, $"| {entry.Code} | {Cell(entry.What)} | {Cell(entry.Why)} |\n");
        return page.ToString();
    }

    private static void Find(Table table, string path, List<Table> tables)
    {
        // An object that a file may hold in several places has one table.
        if (tables.Find(t => ReferenceEquals(t.Shape, table.Shape)) is { } known) table = known;
        else tables.Add(table);
        if (path.Length > 0) table.Paths.Add(path);
        foreach (Key key in table.Shape.Keys)
        {
            if (key.Nested is not { } nested) continue;
            string list = key.Expected.StartsWith("a list", StringComparison.Ordinal) ? "[]" : "";
            Find(new Table(key.Name, nested, []), $"{path}{(path.Length > 0 ? "." : "")}{key.Name}{list}", tables);
        }
    }

    private static void Write(Table table, StringBuilder page)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## {table.Name}\n");
        if (table.Paths.Count > 0)
            page.Append(CultureInfo.InvariantCulture, $"`{string.Join("`, `", table.Paths.OrderBy(p => p.Length))}`\n\n");
        page.Append("| key | default | value | meaning |\n|---|---|---|---|\n");
        foreach (Key key in table.Shape.Keys)
        {
            string value = key.Expected.Replace(Durations, "", StringComparison.Ordinal);
            if (key.Nested is not null) value += $": [its keys](#{key.Name.ToLowerInvariant()})";
            page.Append(CultureInfo.InvariantCulture,
                $"| `{key.Name}` | {Default(key)} | {Cell(value)} | {Cell(key.Documentation)} Example: `{key.Example}` |\n");
        }
    }

    private static string Default(Key key)
    {
        if (key.Required) return "required";
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            key.WriteSchema(writer);
            writer.WriteEndObject();
        }
        using var schema = JsonDocument.Parse(buffer.WrittenMemory);
        if (!schema.RootElement.TryGetProperty("default", out JsonElement value)) return "see meaning";
        return value.GetRawText() == "{}" && key.Nested is not null ? "those of its keys" : $"`{value.GetRawText()}`";
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>One kind of object.</summary>
    /// <param name="Name">The key that holds it.</param>
    /// <param name="Shape">Its keys.</param>
    /// <param name="Paths">Where a file may hold it.</param>
    private sealed record Table(string Name, ObjectShape Shape, List<string> Paths);
}
