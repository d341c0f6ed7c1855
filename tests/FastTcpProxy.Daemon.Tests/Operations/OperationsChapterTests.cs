using System.Text;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Operations;

/// <summary>The README's chapter on operations, run as it stands: each command by a shell, in order, against the real program.</summary>
public sealed class OperationsChapterTests
{
    private const string Chapter = "## Operate it";
    private const string Socket = "/run/fasttcpproxy/admin.sock", StateDirectory = "/var/lib/fasttcpproxy";

    [Fact]
    public async Task EveryCommand_DoesWhatItSays()
    {
        string chapter = ReadChapter();
        await using EchoUpstream primary = new(), secondary = new();
        using TempFolder folder = new("ops");
        string configuration = Block(chapter, "```jsonc")
            .Replace(Socket, folder["admin.sock"], StringComparison.Ordinal)
            .Replace(StateDirectory, folder["state"], StringComparison.Ordinal)
            // With their quotes: a free port can begin with the digits of the next one, as 25119 does.
            .Replace("\"127.0.0.1:2525\"", $"\"{FreePort.Loopback()}\"", StringComparison.Ordinal)
            .Replace("\"127.0.0.1:2510\"", $"\"{primary.EndPoint}\"", StringComparison.Ordinal)
            .Replace("\"127.0.0.1:2511\"", $"\"{secondary.EndPoint}\"", StringComparison.Ordinal);
        folder.Write("proxy.json", configuration);
        string[] commands = [.. Commands(chapter)];
        Assert.True(commands.Length > 20, $"{commands.Length} commands in the chapter");

        StringBuilder script = new();
        // What is in force is the shell's own: a command that fails ends the script, and the last line says which one it was.
        script.AppendLine("set -euo pipefail");
        script.AppendLine($"cd {folder.Path}; export FASTTCPPROXY_SOCKET={folder["admin.sock"]}");
        // A program on the path and no function: in the background that would be a shell, and a signal to it would not reach the proxy.
        script.AppendLine($"mkdir bin; ln -s {ProxyExecutable.FilePath} bin/fasttcpproxy; export PATH=$PWD/bin:$PATH");
        script.AppendLine("pid() { fasttcpproxy status --json | sed -E 's/.*\"pid\":([0-9]+).*/\\1/'; }");
        script.AppendLine("trap 'kill $(jobs -p) 2>/dev/null || true' EXIT");
        script.AppendLine("fasttcpproxy run --config proxy.json --log-format none 2>run.err &");
        script.AppendLine("for i in $(seq 100); do fasttcpproxy status >/dev/null 2>&1 && break; sleep 0.1; done");
        foreach (string command in commands)
        {
            script.AppendLine($"echo '+ {command.Replace("'", "'\\''", StringComparison.Ordinal)}'");
            if (command.EndsWith('&')) script.AppendLine("before=$(pid)");
            script.AppendLine(command.Replace(Socket, folder["admin.sock"], StringComparison.Ordinal));
            // A person types the next command later. No answer is not another process.
            if (command.EndsWith('&'))
                script.AppendLine("for i in $(seq 200); do after=$(pid || true); [ -n \"$after\" ] && [ \"$after\" != \"$before\" ] && "
                    + "break; sleep 0.1; done; [ -n \"$after\" ] && [ \"$after\" != \"$before\" ]");
        }
        ProcessResult result = await ChildProcess.RunAsync(
            "/bin/bash", [folder.Write("chapter.sh", script.ToString())], environment: ProxyExecutable.Environment,
            within: TimeSpan.FromMinutes(2));

        Assert.True(result.ExitCode == 0,
            $"exit code {result.ExitCode}\n{result.Output}\n{result.Error}\n{File.ReadAllText(folder["run.err"])}");
        Assert.Equal(commands.Length, result.Output.Split('\n').Count(line => line.StartsWith("+ ", StringComparison.Ordinal)));
    }

    private static string ReadChapter()
    {
        string readme = File.ReadAllText(Path.Combine(ProxyExecutable.RepositoryRoot, "README.md"));
        int start = readme.IndexOf(Chapter, StringComparison.Ordinal);
        return readme[start..readme.IndexOf("\n## ", start + Chapter.Length, StringComparison.Ordinal)];
    }

    private static string Block(string chapter, string fence)
    {
        int start = chapter.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        return chapter[start..chapter.IndexOf("```", start, StringComparison.Ordinal)];
    }

    /// <summary>The indented lines. What needs a service manager or builds the load test is run by tests of its own.</summary>
    private static IEnumerable<string> Commands(string chapter) => chapter.Split('\n')
        .Where(line => line.StartsWith("    ", StringComparison.Ordinal) && !line.TrimStart().StartsWith('{')
            && !line.TrimStart().StartsWith('"'))
        .Select(line => line.Trim())
        .Where(line => char.IsLetter(line[0]) && !line.StartsWith("dotnet ", StringComparison.Ordinal)
            && !line.StartsWith("sudo ", StringComparison.Ordinal));
}
