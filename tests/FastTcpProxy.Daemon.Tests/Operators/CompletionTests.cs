using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>What a shell completes: the script in a real shell, the real program, names of a real proxy.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("fasttcpproxy ups", "upstream")]
    [InlineData("fasttcpproxy upstream d", "disable|drain")]
    [InlineData("/usr/bin/fasttcpproxy upstream un", "undrain")]
    [InlineData("fasttcpproxy upstream disable ", "mail")]
    [InlineData("fasttcpproxy upstream disable mail ", "primary|secondary")]
    [InlineData("fasttcpproxy upstream disable mail se", "secondary")]
    [InlineData("fasttcpproxy upstream order mail secondary ", "primary")]
    [InlineData("fasttcpproxy upstream disable mail primary --re", "--reason")]
    [InlineData("fasttcpproxy explain --service ", "mail")]
    [InlineData("fasttcpproxy sessions kill --upstream p", "primary")]
    [InlineData("fasttcpproxy explain --service=", "mail")]
    [InlineData("fasttcpproxy run --log-format=t", "tcplog|tcplog-id")]
    [InlineData("fasttcpproxy upstream disable --url=http", "")]
    [InlineData("fasttcpproxy run --config=", "")]
    [InlineData("fasttcpproxy completion ", "bash|fish|zsh")]
    [InlineData("fasttcpproxy config diff ", "")]
    [InlineData("fasttcpproxy run --config ", "")]
    public async Task Bash_CompletesCommandsOptionsAndNames(string line, string expected)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        await AssertCompletedAsync(expected, line, bed.Socket);
    }

    [Fact]
    public async Task Bash_NameWithColon_IsCompletedBehindIt()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        File.WriteAllText(bed.Proxy.ConfigurationPath,
            bed.Configuration().Replace("\"name\": \"secondary\", ", "", StringComparison.Ordinal));
        await bed.DoAsync("reload");
        string port = $"{bed.Secondary.EndPoint.Port}";

        await AssertCompletedAsync(port, $"fasttcpproxy upstream disable mail 127.0.0.1:{port[..1]}", bed.Socket);
        await AssertCompletedAsync($"127.0.0.1:{port}", "fasttcpproxy upstream disable mail 127", bed.Socket);
    }

    [Fact]
    public async Task Bash_NoProxy_IsSilent()
    {
        Assert.Equal("--ca-file|--for|--force|--generation|--help|--json|--reason|--socket|--token-file|--url|-\\?|-h|-s",
            await CompleteAsync("fasttcpproxy upstream disable mail ", "/nowhere/admin.sock"));
        Assert.Equal("", await CompleteAsync("fasttcpproxy explain --service ", "/nowhere/admin.sock"));
    }

    /// <summary>What a name holds is data: neither the program nor the script has the shell expand it.</summary>
    [Fact]
    public async Task Bash_HostileName_IsNotExpanded()
    {
        using TempFolder folder = new("names");
        string program = folder.Write("fasttcpproxy", "#!/bin/sh\nprintf '%s\\n' 'a$(touch '\"$MARK\"')' 'b`touch '\"$MARK\"'`' '*'\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        string names = await CompleteAsync("fasttcpproxy upstream disable mail ", "/nowhere", folder.Path,
            new() { ["MARK"] = folder["mark"] });

        Assert.Equal($@"\*|a\$\(touch\ {folder["mark"]}\)|b\`touch\ {folder["mark"]}\`", names);
        Assert.False(File.Exists(folder["mark"]));
    }

    [Theory]
    [InlineData("bash", "/bin/bash", "-n")]
    [InlineData("zsh", "/usr/bin/zsh", "-n")]
    [InlineData("fish", "/usr/bin/fish", "--no-execute")]
    public async Task Script_IsOfItsShell(string shell, string program, string check)
    {
        Assert.SkipUnless(File.Exists(program), $"{program} is not installed");
        using TempFolder folder = new("script");
        ProcessResult script = await ProxyExecutable.RunAsync(["completion", shell]);

        ProcessResult result = await ChildProcess.RunAsync(program, [check, folder.Write("script", script.Output)]);

        Assert.Equal(0, script.ExitCode);
        Assert.True(result.ExitCode == 0 && result.Error.Length == 0, result.Error);
    }

    /// <summary>
    /// Asks again where the proxy was not asked in time: a program that is compiled on its way, on a busy machine, may need all of the 300
    /// ms.
    /// </summary>
    private static async Task AssertCompletedAsync(string expected, string line, string socket)
    {
        string completed = "";
        for (int attempt = 0; attempt < 10; attempt++)
        {
            completed = await CompleteAsync(line, socket);
            if (completed == expected) return;
        }
        Assert.Equal(expected, completed);
    }

    /// <summary>The completions, sorted, with "|" between them.</summary>
    private static async Task<string> CompleteAsync(string line, string socket, string? folder = null,
        Dictionary<string, string?>? more = null)
    {
        const string Ask =
            """
            source <("$REAL" completion bash)
            [[ $(complete -p fasttcpproxy) == "complete -F _fasttcpproxy fasttcpproxy" ]] || exit 9
            COMP_LINE=$1; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<< "$COMP_LINE"
            [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
            count=${#COMP_WORDS[@]}
            _fasttcpproxy fasttcpproxy "${COMP_WORDS[count-1]}" "${COMP_WORDS[count-2]}"
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        Dictionary<string, string?> environment = new(ProxyExecutable.Environment)
        {
            ["REAL"] = ProxyExecutable.FilePath,
            ["PATH"] = $"{folder ?? Path.GetDirectoryName(ProxyExecutable.FilePath)}:{Environment.GetEnvironmentVariable("PATH")}",
            ["FASTTCPPROXY_SOCKET"] = socket,
        };
        foreach ((string name, string? value) in more ?? []) environment[name] = value;
        ProcessResult result = await ChildProcess.RunAsync("/bin/bash", ["--norc", "-c", Ask, "bash", line], environment: environment);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        return string.Join('|', result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }
}
