using System.CommandLine;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Daemon.Host;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>schema</c>: the JSON schema of the configuration on standard output. Used by the main thread.</summary>
internal static class SchemaCommand
{
    public static Command Build()
    {
        DocumentedCommand command = new(
            "schema",
            "Prints the JSON schema of the configuration, for completion and checks in an editor.",
            """
            fasttcpproxy schema > fasttcpproxy.schema.json     then, in the configuration: "$schema": "./fasttcpproxy.schema.json"
            """);
        command.SetAction(_ =>
        {
            using Stream output = Console.OpenStandardOutput();
            ConfigurationSchema.Write(output);
            output.Write("\n"u8);
            return ExitCodes.Ok;
        });
        return command;
    }
}
