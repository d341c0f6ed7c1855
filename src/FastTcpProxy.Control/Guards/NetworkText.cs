using System.Diagnostics.CodeAnalysis;
using System.Text;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Control.Guards;

/// <summary>
/// The network of an entry as text: an address alone, or a network in CIDR notation (RFC 4632, RFC 4291), strictly and without allocation.
/// An IPv6 form of an IPv4 address is the IPv4 address. Pure functions, any thread.
/// </summary>
public static class NetworkText
{
    /// <summary>False: it is none, and <paramref name="why"/> says what is wrong and what was expected.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, out Network network, [NotNullWhen(false)] out string? why)
    {
        why = null;
        network = default;
        int slash = utf8Text.IndexOf((byte)'/');
        ReadOnlySpan<byte> host = slash < 0 ? utf8Text : utf8Text[..slash];
        if (InetEndPoint.TryParseAddress(host, out InetEndPoint address)
            && TryParseLength(utf8Text[(slash + 1)..], slash >= 0, address, out int length)
            && Network.Of(address, length, out bool hasHostBits) is { } parsed && !hasHostBits)
        {
            if (parsed.PrefixLength > 0 || length == 0)
            {
                network = parsed;
                return true;
            }
            why = $"{Quote(utf8Text)}: this counts as all of IPv4, expected \"0.0.0.0/0\" if that is meant";
            return false;
        }
        // The same words as for a network in the configuration, which refuses these texts too.
        why = ValueText.ReadNetwork(Encoding.UTF8.GetString(utf8Text), out _)
            ?? $"{Quote(utf8Text)}: this is not an address or a network as RFC 4291 writes it";
        return false;
    }

    private static bool TryParseLength(ReadOnlySpan<byte> digits, bool isGiven, InetEndPoint address, out int length)
    {
        length = address.Family == EndPointFamily.InterNetwork ? 32 : 128;
        if (!isGiven) return true;
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')) return false;
        length = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            length = length * 10 + digit - '0';
        }
        return true;
    }

    private static string Quote(ReadOnlySpan<byte> utf8Text) => Wording.Quote(Encoding.UTF8.GetString(utf8Text));
}
