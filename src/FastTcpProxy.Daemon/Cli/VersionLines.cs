using System.CommandLine;
using System.CommandLine.Invocation;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>What <c>--version</c> prints. Used by the main thread.</summary>
internal sealed class VersionLines : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        ArgumentNullException.ThrowIfNull(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(ProgramVersion.Full);
        return ExitCodes.Ok;
    }
}
