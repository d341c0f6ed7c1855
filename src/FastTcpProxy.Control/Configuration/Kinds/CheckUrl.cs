using System.Net;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// Reads the URL of a check more strictly than the platform does, which corrects what it can (octal addresses, backslashes, spaces) and
/// would then send another request than the file says. Pure functions, any thread.
/// </summary>
internal static class CheckUrl
{
    /// <summary>Characters that RFC 3986 has in no part of a URL.</summary>
    private const string Excluded = "\"<>\\^`{|}";

    /// <summary>Null and the URL, or what is wrong with the text.</summary>
    public static string? Parse(string text, out Uri? url)
    {
        url = null;
        if (SchemeLength(text) is not (> 0 and { } scheme))
            return "it begins with neither \"http://\" nor \"https://\"";
        if (text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return "a URL has visible ASCII characters only, all others are percent-encoded";
        if (text.AsSpan().ContainsAny(Excluded))
            return "a character that no URL may hold is percent-encoded";
        if (text.Contains('#', StringComparison.Ordinal))
            return "a fragment is never sent";
        int end = text.IndexOfAny(['/', '?'], scheme);
        string authority = end < 0 ? text[scheme..] : text[scheme..end];
        if (authority.Contains('@', StringComparison.Ordinal))
            return "a URL here has no user name, a header \"Authorization\" can carry it";
        return HostRefusal(authority) ?? PathRefusal(text, end < 0 ? "" : text[end..], out url);
    }

    /// <summary>Whether the URL, with or without templates, asks for TLS.</summary>
    public static bool IsTls(string text) => text.StartsWith("https://", StringComparison.Ordinal);

    /// <summary>What is wrong with <c>host</c> or <c>host:port</c>, as a URL or a <c>Host</c> header has it; or null.</summary>
    public static string? HostRefusal(string authority)
    {
        bool hasPort = authority.LastIndexOf(':') > authority.LastIndexOf(']');
        // A port that is not written is taken as one that is, so that one function knows how hosts are written.
        if (AddressSyntax.Split(hasPort ? authority : authority + ":80", out string host, out _, out bool bracketed) is { } fault)
            return fault.Why;
        string? why = AddressSyntax.ParseIp(host, out IPAddress address, out bool numeric);
        if (bracketed != host.Contains(':', StringComparison.Ordinal))
            return "only an IPv6 address is written in brackets";
        if (why is null)
            return AddressSyntax.IsWildcard(address) ? "this is the wildcard address of a listener, not an address to connect to" : null;
        if (numeric)
            return why;
        return AddressSyntax.IsDnsName(host) ? null : "the host is neither an address nor a DNS name in ASCII";
    }

    /// <summary>The platform makes shorter paths of <c>/a/../b</c>, and encodes a lone percent sign.</summary>
    private static string? PathRefusal(string text, string path, out Uri? url)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out url))
            return "the platform cannot read this URL";
        string written = path.StartsWith('/') ? path : "/" + path;
        return url.PathAndQuery == written
            ? null
            : $"the request would be for {Wording.Quote(url.PathAndQuery)}, write it that way";
    }

    private static int SchemeLength(string text) =>
        IsTls(text) ? "https://".Length : text.StartsWith("http://", StringComparison.Ordinal) ? "http://".Length : 0;
}
