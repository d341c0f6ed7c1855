using System.Text;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>The parts of a result's text. Pure functions, any thread.</summary>
internal static class ProbeText
{
    /// <summary>More than a quote shows.</summary>
    private const int QuotedBytesMax = 160;

    /// <summary>Bytes of an origin in quotes, as text, escaped and cut.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes) =>
        Wording.Quote(Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, QuotedBytesMax)]));
}
