using System.CommandLine;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// The options <c>--url</c>, <c>--token-file</c> and <c>--ca-file</c> of the commands that ask a running proxy over TCP. Used by the main
/// thread.
/// </summary>
internal static class UrlOptions
{
    public static Option<string?> BuildUrl() => Build("--url", "URL",
        "Ask over TCP, at https://HOST:PORT: an address of admin.listen (http:// where that is loopback and has no TLS); by default "
        + $"{ProxyChoice.UrlVariable}.", "the URL of a proxy");

    public static Option<string?> BuildTokenFile() => Build("--token-file", "FILE",
        $"With --url: the file with the token, which only its owner may use; by default {ProxyChoice.TokenFileVariable}.",
        "the path of a file");

    public static Option<string?> BuildCaFile() => Build("--ca-file", "FILE",
        "With --url: trust the certificates of this PEM file, and not the authorities of the system; by default "
        + $"{ProxyChoice.CaFileVariable}.", "the path of a file");

    private static Option<string?> Build(string name, string helpName, string description, string expected)
    {
        Option<string?> option = new(name) { Description = description, HelpName = helpName };
        OptionValues.RefuseEmpty(option, expected);
        return option;
    }
}
