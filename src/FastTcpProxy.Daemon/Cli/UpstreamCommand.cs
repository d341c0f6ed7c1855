using System.CommandLine;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>upstream</c>: what an operator does to upstreams while the proxy runs. Used by the main thread.</summary>
internal static class UpstreamCommand
{
    public static Command Build() => new("upstream",
        "Takes upstreams out of service, puts them back, or changes their order. A change takes effect at once and survives a restart.")
    {
        UpstreamListCommand.Build(),
        UpstreamStateCommands.BuildDisable(),
        UpstreamStateCommands.BuildEnable(),
        UpstreamStateCommands.BuildDrain(),
        UpstreamStateCommands.BuildUndrain(),
        UpstreamOrderCommand.Build(),
    };
}
