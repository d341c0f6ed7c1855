namespace FastTcpProxy.ProxyProtocol.Tests;

/// <summary>Bytes and ends of connections as the tests write them. Pure functions, any thread.</summary>
internal static class TestEnds
{
    /// <summary>The 12 bytes of the signature, in hexadecimal.</summary>
    public const string Signature = "0D0A0D0A 000D0A51 5549540A ";

    /// <summary>Reads hexadecimal digits with spaces between them as one likes.</summary>
    public static byte[] Hex(string digits) => Convert.FromHexString(digits.Replace(" ", "").Replace("\n", "").Replace("\r", ""));

    /// <summary>Reads an end, or gives the unspecified one for <c>-</c>.</summary>
    public static InetEndPoint End(string text)
    {
        if (text == "-") return default;
        Assert.True(InetEndPoint.TryParse(text, out InetEndPoint end), text);
        return end;
    }

    /// <summary>
    /// Reads a line of text in which <c>\r</c>, <c>\n</c> and <c>\0</c> are spelled out, so that a test's name shows them.
    /// </summary>
    public static byte[] Line(string text) =>
        System.Text.Encoding.Latin1.GetBytes(text.Replace("\\r", "\r").Replace("\\n", "\n").Replace("\\0", "\0"));
}
