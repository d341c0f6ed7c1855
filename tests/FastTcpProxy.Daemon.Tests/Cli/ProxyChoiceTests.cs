using FastTcpProxy.Daemon.Cli;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>Which proxy a command asks, from options and variables.</summary>
public sealed class ProxyChoiceTests
{
    /// <summary>Words: options as --name=value, variables as NAME=value.</summary>
    [Theory]
    [InlineData("", "/run/fasttcpproxy/admin.sock")]
    [InlineData("FASTTCPPROXY_SOCKET=/s FASTTCPPROXY_URL=", "/s")]
    [InlineData("FASTTCPPROXY_SOCKET=/s --socket=/t", "/t")]
    [InlineData("--generation=12 --socket=/t", "/t.12")]
    [InlineData("--url=https://p.example:9470 --token-file=t", "https://p.example:9470 t")]
    [InlineData("--url=https://p.example:9470/ --token-file=t --ca-file=c", "https://p.example:9470 t c")]
    [InlineData("--url=http://127.0.0.1:9470 --token-file=t", "http://127.0.0.1:9470 t")]
    [InlineData("--url=http://[::1]:9470 --token-file=t", "http://[::1]:9470 t")]
    [InlineData("--url=https://[fe80::1%25eth0]:9470 --token-file=t", "https://[fe80::1%eth0]:9470 t")]
    [InlineData("--url=https://[fe80::1%eth0]:9470 --token-file=t", "https://[fe80::1%eth0]:9470 t")]
    [InlineData("--url=https://[fe80::1%25]:9470 --token-file=t", "https://[fe80::1%25]:9470 t")]
    [InlineData("--url=http://localhost:9470 FASTTCPPROXY_TOKEN_FILE=v FASTTCPPROXY_CA_FILE=w", "http://localhost:9470 v w")]
    [InlineData("FASTTCPPROXY_URL=https://p:1 FASTTCPPROXY_TOKEN_FILE=v --token-file=t", "https://p:1 t")]
    [InlineData("FASTTCPPROXY_URL=https://p:1 --socket=/t", "/t")]
    [InlineData("FASTTCPPROXY_SOCKET=/s --url=https://p:1 --token-file=t", "https://p:1 t")]
    [InlineData("FASTTCPPROXY_URL=https://p:1 --generation=12", "/run/fasttcpproxy/admin.sock.12")]
    [InlineData("FASTTCPPROXY_SOCKET=/s FASTTCPPROXY_URL=https://p:1",
        "FASTTCPPROXY_SOCKET and FASTTCPPROXY_URL are both set: give --socket or --url, or unset one of them")]
    [InlineData("--socket=/t --url=https://p:1", "--socket and --url exclude each other")]
    [InlineData("--generation=12 --url=https://p:1",
        "--generation and --url exclude each other: an earlier generation answers on a UNIX socket only")]
    [InlineData("--token-file=t", "--token-file and --ca-file belong to --url")]
    [InlineData("--url=https://p:1", "--url needs a token: expected --token-file FILE, or FASTTCPPROXY_TOKEN_FILE")]
    [InlineData("FASTTCPPROXY_URL=p:1", "FASTTCPPROXY_URL p:1: expected https://HOST:PORT, an address of admin.listen")]
    [InlineData("--url=https://p:1/v1",
        "--url https://p:1/v1: expected https://HOST:PORT, an address of admin.listen, and nothing after it")]
    [InlineData("--url=https://u:secret@p:1",
        "--url https://u:secret@p:1: expected https://HOST:PORT, an address of admin.listen, and nothing after it")]
    [InlineData("--url=http://p.example:1 --token-file=t",
        "--url http://p.example:1: expected https://, because the token would be readable on its way; http:// is for loopback addresses")]
    [InlineData("--url=http://127.0.0.1.evil.example:1 --token-file=t",
        "--url http://127.0.0.1.evil.example:1: expected https://"
        + ", because the token would be readable on its way; http:// is for loopback addresses")]
    public void Decide_TakesOptionsBeforeVariables(string words, string expected)
    {
        Dictionary<string, string> given = words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        ProxyChoice.Given options = new(given.GetValueOrDefault("--socket"), null, given.GetValueOrDefault("--url"),
            given.GetValueOrDefault("--token-file"), given.GetValueOrDefault("--ca-file"));
        if (given.TryGetValue("--generation", out string? pid) && GenerationName.TryParse(pid, out GenerationName name))
            options = options with { Generation = name };

        ProxyChoice? choice = ProxyChoice.Decide(options, given.GetValueOrDefault, out string? wrong);

        string text = choice switch
        {
            null => wrong!,
            { Url: { } url } => $"{TcpTransport.OriginOf(url)} {choice.TokenFile} {choice.CaFile}".TrimEnd(),
            _ => choice.Open().Name,
        };
        Assert.Equal(expected, text);
    }
}
