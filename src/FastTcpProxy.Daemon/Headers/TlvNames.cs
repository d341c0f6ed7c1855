using System.Globalization;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Headers;

/// <summary>The names of TLV types on the command line and in what is printed. Pure, any thread.</summary>
internal static class TlvNames
{
    private static readonly (TlvType Type, string Name)[] Known =
    [
        (TlvType.Alpn, "alpn"), (TlvType.Authority, "authority"), (TlvType.Crc32C, "crc32c"), (TlvType.Noop, "noop"),
        (TlvType.UniqueId, "unique-id"), (TlvType.Ssl, "ssl"), (TlvType.SslVersion, "ssl-version"), (TlvType.SslCn, "ssl-cn"),
        (TlvType.SslCipher, "ssl-cipher"), (TlvType.SslSigAlg, "ssl-sig-alg"), (TlvType.SslKeyAlg, "ssl-key-alg"),
        (TlvType.NetNs, "netns"), (TlvType.Gcp, "gcp"), (TlvType.Aws, "aws"), (TlvType.Azure, "azure"),
    ];

    /// <summary>The name, or null for a type that has none.</summary>
    public static string? Find(TlvType type) => Known.FirstOrDefault(k => k.Type == type).Name;

    /// <summary>Reads a name, or a number of one byte as <c>0xNN</c>.</summary>
    public static bool TryParse(string text, out TlvType type)
    {
        type = default;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            bool valid = byte.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte number);
            type = (TlvType)number;
            return valid;
        }
        foreach ((TlvType known, string name) in Known)
        {
            if (!name.Equals(text, StringComparison.OrdinalIgnoreCase)) continue;
            type = known;
            return true;
        }
        return false;
    }
}
