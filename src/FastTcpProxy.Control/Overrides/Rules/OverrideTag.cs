using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Overrides.Rules;

/// <summary>
/// The entity tag of an override (RFC 9110, section 8.8.3): it follows from what is set, so that it means the same after a restart. Pure.
/// </summary>
internal static class OverrideTag
{
    /// <summary>Where nothing is set.</summary>
    public const string None = "none";

    public static string Of(UpstreamOverride? set) =>
        set is null ? None : Hash($"{(int)set.State}", set.Reason, set.Author, set.At, set.Expires);

    public static string Of(OrderOverride? set) =>
        set is null ? None : Hash(string.Join('\n', set.Names), set.Reason, set.Author, set.At, set.Expires);

    private static string Hash(string what, string reason, string author, DateTimeOffset at, DateTimeOffset? expires)
    {
        string text = string.Join('\0', what, reason, author,
            at.UtcTicks.ToString(CultureInfo.InvariantCulture), expires?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
    }
}
