using System.CommandLine;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>A command with examples, which its own help shows and that of its parent does not. Used by the main thread.</summary>
/// <param name="examples">Lines of text.</param>
internal sealed class DocumentedCommand(string name, string description, string examples) : Command(name, description)
{
    public string Examples { get; } = examples;
}
