using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary><c>demo</c> on a terminal that can move its cursor: lines are edited, overrides are said, and nothing is left behind.</summary>
public sealed partial class DemoTerminalTests : IDisposable
{
    private readonly TempFolder _temp = new("demo");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Line_IsEditedAndRemembered()
    {
        using ChildProcess demo = await StartAsync();

        // Backspace, then two lines back in the history, whose last letter is replaced.
        demo.WriteInput("stop x\x7f" + "a\n");
        await SaidAsync(demo, "upstream a is stopped, upstream b is started");
        demo.WriteInput("help\n\e[A\e[A\x7f" + "b\n");
        await SaidAsync(demo, "upstream a is stopped, upstream b is stopped");
        // Left, and a letter in the middle.
        demo.WriteInput("strt a\e[D\e[D\e[D\e[Da\n");
        await SaidAsync(demo, "upstream a is started, upstream b is stopped");
        demo.WriteInput("\x04");

        Assert.Equal(0, await demo.WaitForExitAsync());
    }

    [Fact]
    public async Task Override_OfAnOperator_IsSaidBeforeTheTourAndClearedAsPrinted()
    {
        using ChildProcess demo = await StartAsync();
        await ShellAsync(Command(demo, "status"));
        await ShellAsync(Command(demo, "status").Replace(" status ", " upstream disable demo a ", StringComparison.Ordinal));
        await ShellAsync(Command(demo, "status").Replace(" status ", " upstream order demo b ", StringComparison.Ordinal));

        demo.WriteInput("tour\n");
        await SaidAsync(demo, "Clear it in another terminal, as shown, and type tour again.");
        Assert.Contains("upstream a: disabled, set by ", Text(demo));
        await ShellAsync(Command(demo, "upstream enable demo a"));
        await ShellAsync(Command(demo, "upstream order demo --configured"));
        demo.WriteInput("tour\n");

        await SaidAsync(demo, "All six steps held.");
    }

    [Theory]
    [InlineData(UnixSignal.Interrupt)]
    [InlineData(UnixSignal.Terminate)]
    [InlineData(UnixSignal.Hangup)]
    [InlineData(UnixSignal.Kill)]
    public async Task End_ByASignal_LeavesNothing(UnixSignal signal)
    {
        using ChildProcess demo = Demo("exec '$PROGRAM' demo");
        await SaidAsync(demo, "and type here:");
        string folder = Assert.Single(Directory.GetDirectories(_temp.Path));
        int[] processes = [.. Descendants(demo.Id)];
        Assert.Equal(2, processes.Length);

        foreach (int process in processes.Take(1)) await ChildProcess.RunAsync("/bin/kill", [$"-{(int)signal}", $"{process}"]);

        await demo.WaitForExitAsync();
        await Eventually.HoldsAsync(() => !Directory.Exists(folder), "the folder is gone");
        await Eventually.HoldsAsync(() => processes.All(id => !IsAlive(id)), "its processes are gone");
        Assert.DoesNotContain(Directory.GetFileSystemEntries(_temp.Path), IsOurs);
    }

    [Fact]
    public async Task End_ByCtrlC_LeavesNothingAndRestoresTheTerminal()
    {
        // The shell is interrupted too, and continues.
        using ChildProcess demo = Demo("trap : INT; stty -a > '$TEMP/before'; '$PROGRAM' demo; echo \"code $?\"; "
            + "stty -a > '$TEMP/after'; echo done");
        await SaidAsync(demo, "and type here:");

        demo.WriteInput("\x03");

        await SaidAsync(demo, "done");
        Assert.Contains("code 130", Text(demo));
        Assert.Equal(File.ReadAllText(_temp["before"]), File.ReadAllText(_temp["after"]));
        await Eventually.HoldsAsync(() => Directory.GetDirectories(_temp.Path).Length == 0, "the folder is gone");
    }

    [Fact]
    public async Task End_OfTheTour_LeavesNothing()
    {
        ProcessResult result = await ChildProcess.RunAsync("/bin/sh", ["-c", $"'{ProxyExecutable.FilePath}' demo | head -n 3"],
            environment: Environment());

        Assert.Equal(0, result.ExitCode);
        await Eventually.HoldsAsync(() => Directory.GetDirectories(_temp.Path).Length == 0, "the folder is gone");
    }

    private async Task<ChildProcess> StartAsync()
    {
        ChildProcess demo = Demo("exec '$PROGRAM' demo");
        await SaidAsync(demo, "and type here:");
        return demo;
    }

    private ChildProcess Demo(string script) => ChildProcess.Start("script",
        ["-qec", script.Replace("$PROGRAM", ProxyExecutable.FilePath, StringComparison.Ordinal)
            .Replace("$TEMP", _temp.Path, StringComparison.Ordinal), "/dev/null"], Environment(), keepInput: true);

    private Dictionary<string, string?> Environment() => new(ProxyExecutable.Environment)
    {
        ["TERM"] = "xterm", ["NO_COLOR"] = "1", ["TMPDIR"] = _temp.Path, ["SHELL"] = "/bin/sh",
    };

    private static bool IsOurs(string path) => Path.GetFileName(path).StartsWith("fasttcpproxy-", StringComparison.Ordinal);

    /// <summary>The last command that was printed and contains the words, as a person would copy it.</summary>
    private static string Command(ChildProcess demo, string words)
    {
        string text = Text(demo).Replace(" \\\n", " ", StringComparison.Ordinal);
        string line = text.Split('\n').Last(l => l.Contains($"{words} --socket ", StringComparison.Ordinal));
        return Blanks().Replace(line.Trim(), " ");
    }

    private static async Task ShellAsync(string command)
    {
        ProcessResult result = await ChildProcess.RunAsync("/bin/sh", ["-c", command], environment: ProxyExecutable.Environment);
        Assert.True(result.ExitCode == 0, $"{command}\n{result.Output}{result.Error}");
    }

    /// <summary>The program below script(1), then the shell that cleans up after it.</summary>
    private static IEnumerable<int> Descendants(int id)
    {
        foreach (string child in File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return int.Parse(child);
            foreach (int below in Descendants(int.Parse(child))) yield return below;
        }
    }

    private static bool IsAlive(int id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Text(ChildProcess demo) => demo.Output.ToString().Replace("\r", "", StringComparison.Ordinal);

    private static Task SaidAsync(ChildProcess demo, string text) =>
        Eventually.HoldsAsync(() => Text(demo).Contains(text, StringComparison.Ordinal), text, detail: () => Text(demo));

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
