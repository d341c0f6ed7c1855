using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>Reads from a request the user that <see cref="SudoUser"/> names. Pure, any thread.</summary>
internal static class SudoHeader
{
    /// <summary>The caller of a request, with the name that it gives.</summary>
    /// <exception cref="Refusal">400: root names what cannot be a user.</exception>
    public static Caller Apply(Caller caller, IHeaderDictionary headers)
    {
        IList<string?> lines = headers[SudoUser.HeaderName];
        if (lines.Count == 0 || !caller.IsRoot) return caller;
        if (lines is not [{ } name] || !SudoUser.IsName(name))
            throw Refusal.BadRequest($"{SudoUser.HeaderName} is malformed, expected the name of a user, 1 to {SudoUser.CharsMax} visible "
                + "ASCII characters without quotes, parentheses and blanks");
        return caller with { Author = $"{caller.Author} (sudo: {name})" };
    }
}
