using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// Takes addresses apart strictly: forms that the platform's parser accepts (octal and hexadecimal parts, missing parts, mapped addresses)
/// mean something else to other programs and are refused here. Pure functions, any thread.
/// </summary>
internal static class AddressSyntax
{
    private const string UnixPrefix = "unix:";

    /// <summary>Whether the text names a UNIX socket; then <paramref name="path"/> is the rest.</summary>
    public static bool IsUnix(string text, out string path)
    {
        bool unix = text.StartsWith(UnixPrefix, StringComparison.Ordinal);
        path = unix ? text[UnixPrefix.Length..] : "";
        return unix;
    }

    /// <summary>Splits <c>host:port</c> and <c>[v6]:port</c>; null, or what is wrong.</summary>
    public static ValueFault? Split(string text, out string host, out int port, out bool bracketed)
    {
        host = "";
        port = 0;
        bracketed = text.StartsWith('[');
        int colon = text.LastIndexOf(':');
        if (colon < 0 || (bracketed && text.LastIndexOf(']') > colon))
            return ValueFault.Malformed("the port is missing");
        host = text[..colon];
        if (bracketed && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains("://", StringComparison.Ordinal) || text.StartsWith(host + "://", StringComparison.Ordinal))
            return ValueFault.Malformed("this is a URL, write only its host and port");
        else if (bracketed || host.Contains(':', StringComparison.Ordinal))
            return ValueFault.Malformed("an IPv6 address with a port is written in brackets");
        if (host.Length == 0)
            return ValueFault.Malformed("the address is missing");
        return ParsePort(text[(colon + 1)..], out port);
    }

    /// <summary>
    /// An IPv4 or IPv6 address; null, or what is wrong. A text that is no attempt at an address gives false in <paramref
    /// name="numeric"/>.
    /// </summary>
    public static string? ParseIp(string text, out IPAddress address, out bool numeric)
    {
        address = IPAddress.None;
        numeric = true;
        if (text.Contains(':', StringComparison.Ordinal))
            return ParseIpv6(text, ref address);
        string[] parts = text.Split('.');
        numeric = parts[^1].Length > 0 && parts[^1].All(char.IsAsciiDigit);
        Span<byte> bytes = stackalloc byte[4];
        if (parts.Length != 4)
            return "this is not an IP address";
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length is 0 or > 3 || (parts[i].Length > 1 && parts[i][0] == '0')
                || !byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
                return "this is not an IPv4 address of four numbers from 0 to 255 without leading zeros";
        }
        address = new IPAddress(bytes);
        return null;
    }

    /// <summary>Whether the address is <c>0.0.0.0</c> or <c>::</c>.</summary>
    public static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>
    /// Whether the text is a DNS name: labels of letters, digits, hyphens and underscores, 1 to 63 each (RFC 1035, RFC 2181).
    /// </summary>
    public static bool IsDnsName(string text)
    {
        if (text.EndsWith('.'))
            text = text[..^1];
        return text.Length is > 0 and <= ConfigurationLimits.DnsNameLengthMax && text.Split('.').All(IsLabel);
    }

    private static bool IsLabel(string label) => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static string? ParseIpv6(string text, ref IPAddress address)
    {
        if (text.AsSpan().ContainsAny('[', ']', '/') || !IPAddress.TryParse(text, out IPAddress? parsed)
            || parsed.AddressFamily != AddressFamily.InterNetworkV6)
            return "this is not an IPv6 address";
        if (parsed.IsIPv4MappedToIPv6)
            return $"an IPv4 address is written without the prefix, as {parsed.MapToIPv4()}";
        if (text.Contains('%', StringComparison.Ordinal) && parsed.ScopeId == 0)
            return "there is no such network interface";
        address = parsed;
        return null;
    }

    /// <summary>A port from 1 to 65535; null, or what is wrong.</summary>
    public static ValueFault? ParsePort(string text, out int port)
    {
        port = 0;
        if (text.Length == 0)
            return ValueFault.Malformed("the port is missing");
        if (!text.All(char.IsAsciiDigit))
            return ValueFault.Malformed("the port is not a number");
        if (text.Length > 5 || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            || port is 0 or > IPEndPoint.MaxPort)
            return ValueFault.OutOfRange($"port {Wording.Shorten(text)} is out of range");
        return text[0] == '0' ? ValueFault.Malformed("the port has a leading zero") : null;
    }
}
