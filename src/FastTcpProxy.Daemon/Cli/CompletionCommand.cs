using System.CommandLine;
using FastTcpProxy.Daemon.Host;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>completion</c>: a script for a shell. Used by the main thread.</summary>
internal static class CompletionCommand
{
    public static Command Build() => new("completion",
        "Prints a script with which a shell completes commands, options, and the names of services and upstreams of the running proxy.")
    {
        Build("bash", CompletionScripts.Bash, "source <(fasttcpproxy completion bash)                  in ~/.bashrc"),
        Build("zsh", CompletionScripts.Zsh, "source <(fasttcpproxy completion zsh)                   in ~/.zshrc, after compinit"),
        Build("fish", CompletionScripts.Fish, "fasttcpproxy completion fish > ~/.config/fish/completions/fasttcpproxy.fish"),
    };

    private static DocumentedCommand Build(string shell, string script, string example)
    {
        DocumentedCommand command = new(shell, $"The script for {shell}.", example);
        command.SetAction(_ =>
        {
            Console.Out.Write(script.ReplaceLineEndings("\n") + '\n');
            return ExitCodes.Ok;
        });
        return command;
    }
}
