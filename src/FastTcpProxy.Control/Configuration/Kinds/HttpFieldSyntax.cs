using System.Buffers;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>What the names and values of a check's headers may be (RFC 9110, section 5). Pure functions, any thread.</summary>
internal static class HttpFieldSyntax
{
    /// <summary>They frame the message or belong to the connection; two who set them would disagree.</summary>
    private static readonly string[] SetByClient =
    [
        "Connection", "Content-Length", "Expect", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    ];

    /// <summary>The names that a check can send, for the schema.</summary>
    public static string NamePattern { get; } =
        $"^(?!({string.Join('|', SetByClient.Select(Patterns.AnyCase))})$){Patterns.Token}+$";

    /// <summary>The values, for the schema, which knows nothing of templates and hosts.</summary>
    public const string ValuePattern = @"^([!-~]([\t -~]*[!-~])?)?$";

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether the text is a token (RFC 9110, section 5.6.2).</summary>
    public static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    /// <summary>Why a check cannot send this header; or null.</summary>
    public static string? NameRefusal(string name) =>
        !IsToken(name) ? "no header has such a name, which may have only letters, digits and !#$%&'*+-.^_`|~"
        : SetByClient.Contains(name, StringComparer.OrdinalIgnoreCase) ? "the client sets this header by itself"
        : null;

    /// <summary>What is wrong with the value, templates filled in; or null. It does not quote the value, which may be a secret.</summary>
    public static string? ValueRefusal(string name, string value)
    {
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~') && value.Any(c => c is not ('\t' or (>= ' ' and <= '~'))))
            return "it holds a character that is neither visible ASCII nor a space or tab";
        if (value.AsSpan().Trim(" \t").Length != value.Length)
            return "it begins or ends with a space";
        return IsHost(name) ? CheckUrl.HostRefusal(value) : null;
    }

    /// <summary>Names of headers have no case.</summary>
    public static bool IsHost(string name) => name.Equals("Host", StringComparison.OrdinalIgnoreCase);
}
