using System.CommandLine;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>upstream</c>: what an operator does to upstreams while the proxy runs. Used by the main thread.</summary>
internal static class UpstreamCommand
{
    public static Command Build() => new("upstream", "Takes upstreams out of service and puts them back, or tries them in another order: at once, and still so after a restart.")
    {
        UpstreamListCommand.Build(),
        UpstreamStateCommands.BuildDisable(),
        UpstreamStateCommands.BuildEnable(),
        UpstreamDrainCommands.BuildDrain(),
        UpstreamDrainCommands.BuildUndrain(),
        UpstreamOrderCommand.Build(),
    };
}
