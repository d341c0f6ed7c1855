using FastTcpProxy.Gate.CommandLine;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Benchmarks.Tests.Gate;

/// <summary>The exit codes that a pipeline branches on, and the bounds of the options.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--processes", "5", false)]
    [InlineData("--processes", "6", true)]
    [InlineData("--processes", "100", true)]
    [InlineData("--processes", "101", false)]
    [InlineData("--rounds", "0", false)]
    [InlineData("--rounds", "1", true)]
    [InlineData("--rounds", "100", true)]
    [InlineData("--rounds", "101", false)]
    [InlineData("--seconds", "0.09", false)]
    [InlineData("--seconds", "0.1", true)]
    [InlineData("--seconds", "60", true)]
    [InlineData("--seconds", "60.1", false)]
    [InlineData("--starts", "5", false)]
    [InlineData("--starts", "6", true)]
    [InlineData("--starts", "100", true)]
    [InlineData("--starts", "101", false)]
    public void Option_AtItsBounds_IsTakenOrRefused(string option, string value, bool taken) =>
        Assert.Equal(taken, GateCommand.Build().Parse([option, value]).Errors.Count == 0);

    [Fact]
    public async Task Program_UnknownOption_EndsWithUsage()
    {
        ProcessResult result = await RunAsync("--no-such-option");
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains("--no-such-option", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_UnknownRevision_EndsWithoutAVerdict()
    {
        ProcessResult result = await RunAsync("no-such-revision");
        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.StartsWith("error: no-such-revision is neither a folder nor a revision", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_FolderThatIsNoTree_EndsWithoutAVerdict()
    {
        ProcessResult result = await RunAsync(Path.GetTempPath());
        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Contains("bench/driver.sh", result.Error, StringComparison.Ordinal);
    }

    private static Task<ProcessResult> RunAsync(params string[] arguments) =>
        ChildProcess.RunAsync(Path.Combine(AppContext.BaseDirectory, "fasttcpproxy-gate"), arguments,
            environment: ProxyExecutable.Environment);
}
