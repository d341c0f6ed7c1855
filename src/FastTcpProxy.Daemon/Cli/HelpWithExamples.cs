using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>The library's help, and after it the examples of the command. Used by the main thread.</summary>
internal sealed class HelpWithExamples(HelpAction inner, string rootExamples) : SynchronousCommandLineAction
{
    /// <summary>Help is help, whatever else is wrong with the line.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        ArgumentNullException.ThrowIfNull(parseResult);
        inner.Invoke(parseResult);
        string? examples = parseResult.CommandResult.Command switch
        {
            RootCommand => rootExamples,
            DocumentedCommand documented => documented.Examples,
            _ => null,
        };
        if (examples is not null)
            parseResult.InvocationConfiguration.Output.Write("Examples:\n" + ExampleText.Format(examples, inner.MaxWidth));
        return ExitCodes.Ok;
    }
}

/// <summary>A command with examples, which its own help shows and that of its parent does not. Used by the main thread.</summary>
/// <param name="examples">Lines of text.</param>
internal sealed class DocumentedCommand(string name, string description, string examples) : Command(name, description)
{
    public string Examples { get; } = examples;
}
