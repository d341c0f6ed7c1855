using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Headers;

/// <summary>A PROXY header in words, for people: one fact a line. Pure, any thread.</summary>
internal static class HeaderText
{
    private const int NameWidth = 13;

    /// <summary>Every field and TLV of a decoded header.</summary>
    public static IReadOnlyList<string> Describe(in ProxyHeader header)
    {
        List<string> lines =
        [
            Line("version", header.Version == 1 ? "1" : "2"),
            Line("command", HeaderWords.Command(header.Command)),
            Line("family", HeaderWords.Family(header.AddressFamily)),
            Line("transport", HeaderWords.Transport(header.Transport)),
        ];
        if (HeaderWords.Source(header) is { } source) lines.Add(Line("source", source));
        if (HeaderWords.Destination(header) is { } destination) lines.Add(Line("destination", destination));
        foreach (Tlv tlv in header.Tlvs) AddTlv(lines, "tlv", tlv);
        if (header.Command == ProxyCommand.Local && header.Block.Length > 0)
            lines.Add(Line("skipped", $"{Counted.Of(header.Block.Length, "byte")}: the content of LOCAL has no meaning"));
        lines.Add(Line("length", Counted.Of(header.Length, "byte")));
        return lines;
    }

    /// <summary>The version, the command, the family and the two ends in one line.</summary>
    public static string Summarize(in ProxyHeader header)
    {
        string text = $"{HeaderWords.Command(header.Command)} v{header.Version}, {HeaderWords.Family(header.AddressFamily)}";
        if (HeaderWords.Source(header) is { } source) text += $", source {source}";
        if (HeaderWords.Destination(header) is { } destination) text += $", destination {destination}";
        return text;
    }

    /// <summary>Bytes as hexadecimal digits, 16 a line.</summary>
    public static IEnumerable<string> Dump(byte[] bytes) =>
        bytes.Chunk(16).Select(row => string.Join(' ', row.Select(b => b.ToString("x2", null))));

    private static void AddTlv(List<string> lines, string label, Tlv tlv)
    {
        string name = $"0x{(byte)tlv.Type:x2}" + (TlvNames.Find(tlv.Type) is { } known ? " " + known : "");
        if (tlv.Type == TlvType.Ssl && SslTlv.TryParse(tlv.Value, out SslTlv ssl))
        {
            lines.Add(Line(label, $"{name}: client {ssl.Client}, verify {ssl.Verify}"));
            foreach (Tlv nested in ssl.SubTlvs) AddTlv(lines, "  tlv", nested);
            return;
        }
        lines.Add(Line(label, $"{name}, {Counted.Of(tlv.Value.Length, "byte")}: {Value(tlv)}"));
    }

    private static string Value(Tlv tlv)
    {
        string hex = Convert.ToHexStringLower(tlv.Value);
        if (tlv.Type == TlvType.Crc32C) return hex + ", right";
        return HeaderWords.TryReadText(tlv.Value, out string text) ? $"\"{OneLine.Escape(text)}\"" : hex;
    }

    private static string Line(string name, string value) =>
        new StringBuilder(name).Append(' ', Math.Max(NameWidth - name.Length, 1)).Append(value).ToString();
}
