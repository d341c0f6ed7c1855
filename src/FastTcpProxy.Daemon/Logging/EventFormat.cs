using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastTcpProxy.Control.Texts;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// An event as a line, as text or as JSON. Control characters are escaped, so that no name or error text can forge a line. Pure, any
/// thread.
/// </summary>
internal static class EventFormat
{
    /// <summary>Time, level, event id, text.</summary>
    public static string Line(OperationalEvent published) => string.Create(CultureInfo.InvariantCulture,
        $"{Time(published)} {Word(published.Level)} {published.Id.Id} {OneLine.Escape(published.Text)}");

    /// <summary>One object: <c>time</c>, <c>level</c>, <c>event</c>, <c>name</c>, <c>text</c>, and the <c>fields</c> of the text.</summary>
    public static string Json(OperationalEvent published)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, JsonForm.Options))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, Time(published));
            json.WriteString("level"u8, Word(published.Level));
            json.WriteNumber("event"u8, published.Id.Id);
            json.WriteString("name"u8, published.Id.Name);
            json.WriteString("text"u8, published.Text);
            json.WriteStartObject("fields"u8);
            foreach ((string name, object? value) in published.Fields)
            {
                json.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(name));
                switch (value)
                {
                    case null: json.WriteNullValue(); break;
                    case int number: json.WriteNumberValue(number); break;
                    case uint number: json.WriteNumberValue(number); break;
                    case long number: json.WriteNumberValue(number); break;
                    case double number: json.WriteNumberValue(number); break;
                    default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
                }
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>"debug", "info", "warning" or "error".</summary>
    public static string Word(LogLevel level) => Describe(level).Word;

    /// <summary>The severity of syslog.</summary>
    public static int Severity(LogLevel level) => Describe(level).Severity;

    /// <summary>Each level's word, and its severity in syslog and the journal (RFC 5424, table 2).</summary>
    private static (string Word, int Severity) Describe(LogLevel level) => level switch
    {
        LogLevel.Debug => ("debug", 7),
        LogLevel.Information => ("info", 6),
        LogLevel.Warning => ("warning", 4),
        _ => ("error", 3),
    };

    private static string Time(OperationalEvent published) =>
        published.At.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>On its own, so that a start whose events are text does not make it.</summary>
    private static class JsonForm
    {
        public static readonly JsonWriterOptions Options =
            new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    }
}
