using System.Collections.Immutable;
using System.Text;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// Labels of a series, and their text in the Prometheus format, made once: a page repeats them in thousands of lines. Immutable, any
/// thread.
/// </summary>
internal sealed class LabelText
{
    private readonly byte[] _utf8;

    public LabelText(params ReadOnlySpan<(string Name, string Value)> pairs)
    {
        Pairs = [.. pairs];
        StringBuilder text = new();
        foreach ((string name, string value) in pairs)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(name).Append("=\"").Append(Escape(value)).Append('"');
        }
        _utf8 = Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Of a series that has no label.</summary>
    public static LabelText None { get; } = new();

    public ImmutableArray<(string Name, string Value)> Pairs { get; }

    /// <summary><c>service="mail",upstream="a"</c>, with values escaped; empty without labels.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>
    /// A table of labels for the values of an enumeration, in camel case as the session log writes them.
    /// </summary>
    public static ImmutableArray<LabelText> ForEach<T>(string name)
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(v => new LabelText((name, Camel(v.ToString()))))];

    /// <summary>"timedOut" of "TimedOut".</summary>
    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>
    /// The three characters that a label value escapes (Prometheus exposition format, "Comments, help text, and type information").
    /// </summary>
    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal);
}
