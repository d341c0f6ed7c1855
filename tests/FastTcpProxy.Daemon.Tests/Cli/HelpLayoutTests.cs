using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>The help of every command on a terminal of 80 columns, by the real executable.</summary>
public sealed partial class HelpLayoutTests
{
    private const int Columns = 80;

    [Fact]
    public async Task Help_At80Columns_BreaksBetweenWordsAndItsExamplesCanBeTyped()
    {
        Queue<string> commands = new([""]);
        int seen = 0;
        while (commands.TryDequeue(out string? command))
        {
            seen++;
            string wide = (await ProxyExecutable.RunAsync([.. Words(command), "--help"])).Output;
            string narrow = await OnTerminalAsync(command);

            Assert.All(narrow.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Columns));
            // The same words in the same order: none was broken.
            Assert.Equal(Words(wide), Words(narrow).Where(word => word != "\\"));
            foreach (Match inner in CommandName().Matches(Section(wide, "Commands:"))) commands.Enqueue($"{command} {inner.Value}".Trim());
        }
        Assert.True(seen > 25, $"{seen} commands");
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static async Task<string> OnTerminalAsync(string command)
    {
        Dictionary<string, string?> environment = new(ProxyExecutable.Environment) { ["TERM"] = "dumb" };
        ProcessResult result = await ChildProcess.RunAsync("script",
            ["-qec", $"stty cols {Columns}; '{ProxyExecutable.FilePath}' {command} --help", "/dev/null"], environment: environment);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return result.Output.Replace("\r", "", StringComparison.Ordinal);
    }

    private static string Section(string help, string heading)
    {
        int start = help.IndexOf(heading, StringComparison.Ordinal);
        if (start < 0) return "";
        int end = help.IndexOf("\n\n", start, StringComparison.Ordinal);
        return end < 0 ? help[start..] : help[start..end];
    }

    [GeneratedRegex(@"(?<=^  )[a-z]+(?= )", RegexOptions.Multiline)]
    private static partial Regex CommandName();
}
