using System.Globalization;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operations;

/// <summary>The two runs of loadtest/no-loss, as anyone can repeat them.</summary>
public sealed partial class NoLossTests
{
    [Theory]
    [InlineData("reload")]
    [InlineData("upgrade")]
    public async Task Run_LosesNothing(string what)
    {
        string program = ProxyExecutable.FilePath.Replace(
            Path.Combine("src", "FastTcpProxy.Daemon"), Path.Combine("loadtest", "no-loss"), StringComparison.Ordinal) + "-no-loss";

        ProcessResult result = await ChildProcess.RunAsync(program, [what], environment: ProxyExecutable.Environment, within: TimeSpan.FromMinutes(3));

        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
        // Enough of them to have lost one: the rate held for the time of the run.
        Assert.True(int.Parse(Served().Match(result.Output).Groups[1].Value, CultureInfo.InvariantCulture) > 1000, result.Output);
    }

    [GeneratedRegex(@"short connections: (\d+) served")]
    private static partial Regex Served();
}
