using System.Globalization;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// What <c>{host}</c>, <c>{port}</c> and <c>{name}</c> stand for in the keys of a check. Immutable, any thread.
/// </summary>
/// <param name="Host">The DNS name or IP address, IPv6 in brackets; null for a UNIX socket.</param>
/// <param name="Port">The port; null for a UNIX socket.</param>
/// <param name="Name">The upstream's name.</param>
internal sealed record UpstreamTemplate(string? Host, string? Port, string Name)
{
    private static readonly string[] Words = ["host", "port", "name"];

    /// <summary>One template, for the patterns of the schema.</summary>
    public static string Pattern { get; } = $@"\{{({string.Join('|', Words)})\}}";

    /// <summary>A host with templates. One may stand in the middle of an address, of which then only the characters are known.</summary>
    public static string HostPattern { get; } =
        $@"(([A-Za-z0-9._-]|{Pattern})+|\[([0-9A-Fa-f:.]|{Pattern})+{Patterns.Scope}\])";

    /// <summary>A port with templates.</summary>
    public static string PortPattern { get; } = $@"({Patterns.Port}|[0-9]*(\{{port\}}[0-9]*)+)";

    /// <summary>Stands in for the upstream while only the text of the template is checked.</summary>
    public static UpstreamTemplate Sample { get; } = new("192.0.2.1", "1", "a");

    public static UpstreamTemplate Of(UpstreamConfiguration upstream)
    {
        ConfiguredUpstreamAddress address = upstream.Address;
        string? host = address.EndPoint is { } endPoint
            ? endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{endPoint.Address}]" : endPoint.Address.ToString()
            : address.DnsName;
        return new UpstreamTemplate(host, host is null ? null : address.Port.ToString(CultureInfo.InvariantCulture), upstream.Name);
    }

    /// <summary>
    /// The text with every template filled in; null, or why one of them has no value. Braces around anything else stay as they are.
    /// </summary>
    /// <param name="inUrl">Whether the name, which may be the text of an address, is percent-encoded (RFC 3986, section 2.1).</param>
    public string? Fill(string text, bool inUrl, out string filled)
    {
        filled = text;
        if (!text.Contains('{', StringComparison.Ordinal))
            return null;
        if (Host is null && (Holds(text, "host") || Holds(text, "port")))
            return "it is a UNIX socket, for which {host} and {port} have no value";
        filled = text
            .Replace("{host}", Host, StringComparison.Ordinal)
            .Replace("{port}", Port, StringComparison.Ordinal)
            .Replace("{name}", inUrl ? Uri.EscapeDataString(Name) : Name, StringComparison.Ordinal);
        return null;
    }

    /// <summary>What is wrong with the braces of a text in which they can mean nothing but templates; or null.</summary>
    public static string? Refusal(string text)
    {
        for (int open = text.IndexOfAny(['{', '}']); open >= 0; open = text.IndexOfAny(['{', '}'], open + 1))
        {
            int close = text.IndexOf('}', open);
            if (text[open] == '}' || close < 0)
                return "a brace has no matching brace";
            string word = text[(open + 1)..close];
            if (!Words.Contains(word))
                return Unknown(word);
            open = close;
        }
        return null;
    }

    /// <summary>The template that was meant by something in braces, as a refusal; null when nothing in the text is near to one.</summary>
    public static string? Misspelling(string text)
    {
        for (int open = text.IndexOf('{', StringComparison.Ordinal); open >= 0; open = text.IndexOf('{', open + 1))
        {
            int close = text.IndexOf('}', open);
            if (close < 0)
                return null;
            string word = text[(open + 1)..close];
            if (!Words.Contains(word) && Spelling.Nearest(word, Words) is not null)
                return Unknown(word);
        }
        return null;
    }

    private static string Unknown(string word) => Spelling.Nearest(word, Words) is { } nearest
        ? $"{{{Wording.Shorten(word)}}} is not a template, did you mean {{{nearest}}}?"
        : $"{{{Wording.Shorten(word)}}} is not a template";

    private static bool Holds(string text, string word) => text.Contains($"{{{word}}}", StringComparison.Ordinal);
}
