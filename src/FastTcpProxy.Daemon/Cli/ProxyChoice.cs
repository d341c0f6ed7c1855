using System.Net;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// Which running proxy a command asks: options first, then variables, then the default path. A pure value; opening it reads files.
/// </summary>
/// <param name="Socket">Of the serving process; null: it is asked at the URL.</param>
/// <param name="Generation">An earlier process at the same socket; null: the serving one.</param>
internal sealed record ProxyChoice(string? Socket, GenerationName? Generation, Uri? Url, string? TokenFile, string? CaFile)
{
    /// <summary>Used where the options are not given; empty is not set.</summary>
    public const string SocketVariable = "FASTTCPPROXY_SOCKET", UrlVariable = "FASTTCPPROXY_URL",
        TokenFileVariable = "FASTTCPPROXY_TOKEN_FILE", CaFileVariable = "FASTTCPPROXY_CA_FILE";

    /// <summary>Used where nothing is given: where a unit of systemd with RuntimeDirectory=fasttcpproxy puts it.</summary>
    public const string DefaultSocket = "/run/fasttcpproxy/admin.sock";

    /// <summary>Decides; null, with what is wrong, where what is given does not go together.</summary>
    /// <param name="given">Values of options.</param>
    /// <param name="variable">Reads the environment.</param>
    /// <param name="wrong">What is wrong, and what was expected.</param>
    public static ProxyChoice? Decide(Given given, Func<string, string?> variable, out string? wrong)
    {
        wrong = null;
        string? Read(string name) => variable(name) is { Length: > 0 } value ? value : null;
        string? socket = given.Socket, url = given.Url;
        if (socket is null && url is null && given.Generation is null) url = Read(UrlVariable);
        if (url is null)
        {
            socket ??= Read(SocketVariable);
            if (given.TokenFile is not null || given.CaFile is not null) wrong = "--token-file and --ca-file belong to --url";
            return wrong is null ? new ProxyChoice(socket ?? DefaultSocket, given.Generation, null, null, null) : null;
        }
        string name = given.Url is null ? UrlVariable : "--url";
        if (socket is not null)
            wrong = "--socket and --url exclude each other";
        else if (given.Generation is not null)
            wrong = "--generation and --url exclude each other: an earlier generation answers on a UNIX socket only";
        else if (given.Url is null && Read(SocketVariable) is not null)
            wrong = $"{SocketVariable} and {UrlVariable} are both set: give --socket or --url, or unset one of them";
        else if (ReadUrl(url, out Uri? read) is { } why)
            wrong = $"{name} {url}: {why}";
        else if ((given.TokenFile ?? Read(TokenFileVariable)) is not { } tokenFile)
            wrong = $"{name} needs a token: expected --token-file FILE, or {TokenFileVariable}";
        else
            return new ProxyChoice(null, null, read, tokenFile, given.CaFile ?? Read(CaFileVariable));
        return null;
    }

    /// <summary>The way to the process.</summary>
    /// <exception cref="AdminClientException">A file cannot be used.</exception>
    public AdminTransport Open() => Url is null
        ? new UnixTransport(Generation?.PathFor(Socket!) ?? Socket!)
        : new TcpTransport(Url, TokenFile!, CaFile);

    /// <summary>Null when the text is taken.</summary>
    private static string? ReadUrl(string text, out Uri? url)
    {
        const string Expected = "expected https://HOST:PORT, an address of admin.listen";
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || url is not { Scheme: "https" or "http", Host.Length: > 0 }) return Expected;
        if (url.PathAndQuery != "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0) return $"{Expected}, and nothing after it";
        bool isHere = url.Host == "localhost"
            || (IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address) && IPAddress.IsLoopback(address));
        return url.Scheme == "http" && !isHere
            ? "expected https://, because the token would be readable on its way; http:// is for loopback addresses"
            : null;
    }

    /// <summary>Values of options; null: not given.</summary>
    internal sealed record Given(string? Socket = null, GenerationName? Generation = null, string? Url = null, string? TokenFile = null,
        string? CaFile = null);
}
