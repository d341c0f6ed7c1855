using System.Text;
using System.Text.Json;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>JSON of a proxy as programs read it. Pure, any thread.</summary>
internal static class JsonText
{
    /// <summary>
    /// The document as it came, with an end of line. Between the values of JSON there can be no control character but tabs and ends of
    /// lines; within a string its escape means the same.
    /// </summary>
    /// <exception cref="AdminClientException">It is no JSON.</exception>
    public static string Escape(byte[] answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
        }
        catch (JsonException e)
        {
            throw new AdminClientException($"the answer is not JSON: {JsonFault.Describe(e)}", e);
        }
        return Lines(Encoding.UTF8.GetString(answer));
    }

    /// <summary>A text of lines, without characters that command a terminal.</summary>
    public static string Lines(string text) => string.Concat(text.TrimEnd().Split('\n').Select(line => Line(line.TrimEnd('\r')) + '\n'));

    private static string Line(string line) => string.Join('\t', line.Split('\t').Select(cell => OneLine.Escape(cell)));
}
