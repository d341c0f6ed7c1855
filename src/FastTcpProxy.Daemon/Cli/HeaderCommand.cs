using System.CommandLine;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>header</c>: PROXY headers by hand, to see what a peer sends and to feed one. Used by the main thread.</summary>
internal static class HeaderCommand
{
    public static Command Build() => new("header", "Encodes and decodes PROXY protocol headers.")
    {
        HeaderEncodeCommand.Build(),
        HeaderDecodeCommand.Build(),
    };
}
