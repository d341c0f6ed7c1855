using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>
/// The tab key in real shells on a terminal, where the program is called by its name, its path, or an alias. The completed line is run, and
/// the program's answer to it tells what was completed.
/// </summary>
public sealed class CompletionShellTests
{
    private const string BashCompletion = "/usr/share/bash-completion/bash_completion", Ready = "ready-to-type";

    [Theory]
    [InlineData("", "fasttcpproxy", true)]
    [InlineData("", "$PROGRAM", false)]
    [InlineData("alias fasttcpproxy=$PROGRAM", "fasttcpproxy", false)]
    [InlineData("alias fp=$PROGRAM", "fp", false)]
    [InlineData("alias fp=fasttcpproxy", "fp", true)]
    [InlineData("alias fp='fasttcpproxy upstream'", "fp", true, "")]
    public async Task Bash_NamePathOrAlias_IsCompleted(string alias, string typed, bool onPath, string command = "upstream ")
    {
        foreach (string library in new[] { "", File.Exists(BashCompletion) ? $"source {BashCompletion}" : "" }.Distinct())
        {
            using Shell shell = new("bash --norc --noprofile -i", onPath);
            await shell.ReadyAsync(library, alias, $"source <({ProxyExecutable.FilePath} completion bash)");
            await shell.CompleteAsync($"{typed} {command}un");
        }
    }

    [Theory]
    [InlineData("", "fasttcpproxy", true)]
    [InlineData("", "$PROGRAM", false)]
    [InlineData("alias fasttcpproxy=$PROGRAM", "fasttcpproxy", false)]
    [InlineData("alias fp=$PROGRAM", "fp", false)]
    [InlineData("alias fp=$PROGRAM; setopt complete_aliases", "fp", false)]
    [InlineData("alias fp='fasttcpproxy upstream'; setopt complete_aliases", "fp", true, "")]
    public async Task Zsh_NamePathOrAlias_IsCompleted(string alias, string typed, bool onPath, string command = "upstream ")
    {
        Assert.SkipUnless(File.Exists("/usr/bin/zsh"), "zsh is not installed");
        using Shell shell = new("zsh -f -i", onPath);
        await shell.ReadyAsync("autoload -Uz compinit; compinit -u -D", alias, $"source <({ProxyExecutable.FilePath} completion zsh)");
        await shell.CompleteAsync($"{typed} {command}un");
    }

    [Theory]
    [InlineData("", "fasttcpproxy", true)]
    [InlineData("", "$PROGRAM", false)]
    [InlineData("alias fasttcpproxy=$PROGRAM", "fasttcpproxy", false)]
    [InlineData("alias fp=$PROGRAM", "fp", false)]
    public async Task Fish_NamePathOrAlias_IsCompleted(string alias, string typed, bool onPath)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/fish"), "fish is not installed");
        using Shell shell = new("fish --no-config -i", onPath);
        await shell.ReadyAsync($"{ProxyExecutable.FilePath} completion fish | source", alias);
        await shell.CompleteAsync($"{typed} upstream un");
    }

    /// <summary>Behind the "=" of an option stands its value. The program's answers tell what was completed.</summary>
    [Theory]
    [InlineData("bash --norc --noprofile -i", "bash", "source <($PROGRAM completion bash)")]
    [InlineData("zsh -f -i", "zsh", "autoload -Uz compinit; compinit -u -D; source <($PROGRAM completion zsh)")]
    [InlineData("fish --no-config -i", "fish", "$PROGRAM completion fish | source")]
    public async Task Shell_ValueBehindEquals_IsCompleted(string command, string shell, string setup)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{shell}"), $"{shell} is not installed");
        using Shell terminal = new(command, onPath: true);
        await terminal.ReadyAsync(setup, "cd", "mkdir only-a-folder.d");

        await terminal.TypeAsync("fasttcpproxy run --config=/nowhere --log-format=tc\t", "/nowhere:1:1: error C001");
        await terminal.TypeAsync("fasttcpproxy check --config=only-a\t", "error C003");
    }

    /// <summary>A shell on a pseudo-terminal.</summary>
    private sealed class Shell : IDisposable
    {
        private readonly TempFolder _home = new("shell");
        private readonly ChildProcess _child;

        public Shell(string command, bool onPath)
        {
            if (onPath) File.CreateSymbolicLink(_home["fasttcpproxy"], ProxyExecutable.FilePath);
            Dictionary<string, string?> environment = new(ProxyExecutable.Environment)
            {
                ["TERM"] = "xterm",
                ["HOME"] = _home.Path,
                ["PATH"] = $"{_home.Path}:{Environment.GetEnvironmentVariable("PATH")}",
            };
            _child = ChildProcess.Start("script", ["-qec", command, "/dev/null"], environment, keepInput: true);
        }

        public async Task ReadyAsync(params string[] lines)
        {
            foreach (string line in lines) _child.WriteInput(Real(line) + "\n");
            // Not the echo of what is typed here.
            _child.WriteInput($"echo {Ready[..3]}''{Ready[3..]}\n");
            await SaidAsync(Ready);
        }

        /// <summary>Types the line and the tab key, and runs what it became.</summary>
        public async Task CompleteAsync(string line)
        {
            _child.WriteInput(Real(line) + "\t\n");
            await SaidAsync("See: fasttcpproxy upstream undrain --help");
        }

        /// <summary>Types keys and Enter, and waits for a text.</summary>
        public Task TypeAsync(string keys, string text)
        {
            _child.WriteInput(keys + "\n");
            return SaidAsync(text);
        }

        public void Dispose()
        {
            _child.Dispose();
            _home.Dispose();
        }

        private static string Real(string line) => line.Replace("$PROGRAM", ProxyExecutable.FilePath, StringComparison.Ordinal);

        private Task SaidAsync(string text) => Eventually.HoldsAsync(
            () => _child.Output.ToString().Contains(text, StringComparison.Ordinal), text, detail: () => _child.Output.ToString());
    }
}
