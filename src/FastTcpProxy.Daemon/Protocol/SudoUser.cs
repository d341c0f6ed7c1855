namespace FastTcpProxy.Daemon.Protocol;

/// <summary>
/// The user behind root: sudo(8) tells its command by SUDO_USER who has called it, and the command passes that to the proxy. It is a claim
/// of the client, so it is accepted only from root, who could be any user anyway, and it stands beside the user that the kernel names,
/// never in its place. Pure, any thread.
/// </summary>
internal static class SudoUser
{
    public const string HeaderName = "Sudo-User";

    /// <summary>Characters of a name: twice what useradd(8) allows, for names of directory services.</summary>
    public const int CharsMax = 64;

    /// <summary>Whom this process would name; null: it is not root, or sudo has not called it.</summary>
    public static string? OfThisProcess() =>
        Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("SUDO_USER") is { } name && IsName(name) && name != "root"
        ? name
        : null;

    /// <summary>Whether a user of this machine may be called so.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= CharsMax && name.All(c => c is > ' ' and <= '~' and not ('"' or '\'' or '(' or ')'));
}
