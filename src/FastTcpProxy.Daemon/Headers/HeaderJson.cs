using System.Text;
using System.Text.Json;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Headers;

/// <summary>A PROXY header as a JSON object, for programs. Pure, any thread.</summary>
internal static class HeaderJson
{
    /// <summary>Writes the object, indented, without a final newline.</summary>
    public static void Write(Stream output, in ProxyHeader header, int payloadLength)
    {
        using Utf8JsonWriter json = new(output, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteNumber("version", header.Version);
        json.WriteString("command", HeaderWords.Command(header.Command));
        json.WriteString("family", HeaderWords.Family(header.AddressFamily));
        json.WriteString("transport", HeaderWords.Transport(header.Transport));
        json.WriteString("source", HeaderWords.Source(header));
        json.WriteString("destination", HeaderWords.Destination(header));
        WriteTlvs(json, header.Tlvs);
        json.WriteNumber("length", header.Length);
        json.WriteNumber("payloadLength", payloadLength);
        json.WriteEndObject();
    }

    private static void WriteTlvs(Utf8JsonWriter json, TlvReader tlvs)
    {
        json.WriteStartArray("tlvs");
        foreach (Tlv tlv in tlvs)
        {
            json.WriteStartObject();
            json.WriteNumber("type", (byte)tlv.Type);
            if (TlvNames.Find(tlv.Type) is { } name) json.WriteString("name", name);
            json.WriteString("hex", Convert.ToHexStringLower(tlv.Value));
            if (tlv.Type == TlvType.Ssl && SslTlv.TryParse(tlv.Value, out SslTlv ssl))
            {
                json.WriteNumber("client", (byte)ssl.Client);
                json.WriteNumber("verify", ssl.Verify);
                WriteTlvs(json, ssl.SubTlvs);
            }
            else if (tlv.Type != TlvType.Crc32C && HeaderWords.TryReadText(tlv.Value, out _))
                json.WriteString("text", Encoding.UTF8.GetString(tlv.Value));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
