using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>
/// Who is behind root: sudo(8) tells its command by SUDO_USER who has called it, and the command tells the proxy. It is a claim of the client, so only root's is heard, who could be anybody
/// anyway, and it stands beside the user that the kernel names, never in its place. Pure, any thread.
/// </summary>
internal static class SudoUser
{
    public const string HeaderName = "Sudo-User";

    /// <summary>Characters of a name: twice what useradd(8) allows, for names of directory services.</summary>
    public const int CharsMax = 64;

    /// <summary>Whom this process would name; null: it is not root, or sudo has not called it.</summary>
    public static string? OfThisProcess() =>
        Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("SUDO_USER") is { } name && IsName(name) && name != "root" ? name : null;

    /// <summary>The caller of a request, with the name that it gives.</summary>
    /// <exception cref="Refusal">400: root names somebody who cannot be a user.</exception>
    public static Caller Apply(Caller caller, IHeaderDictionary headers)
    {
        IList<string?> lines = headers[HeaderName];
        if (lines.Count == 0 || !caller.IsRoot) return caller;
        if (lines is not [{ } name] || !IsName(name))
            throw Refusal.BadRequest($"{HeaderName} is malformed, expected the name of a user, 1 to {CharsMax} visible ASCII characters without quotes, parentheses and blanks");
        return caller with { Author = $"{caller.Author} (sudo: {name})" };
    }

    private static bool IsName(string name) => name.Length is > 0 and <= CharsMax && name.All(c => c is > ' ' and <= '~' and not ('"' or '\'' or '(' or ')'));
}
