using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.Scenarios;

/// <summary>A run that is given up leaves no proxy behind.</summary>
public sealed class InterruptionTests
{
    /// <summary>The soak is in the middle of its disturbances: earlier processes drain, and one may be stopped.</summary>
    [Theory]
    [InlineData(UnixSignal.Interrupt, "churn", "--rate 50 --duration 60s")]
    [InlineData(UnixSignal.Terminate, "soak", "--rate 50 --duration 60s")]
    [InlineData(UnixSignal.Interrupt, "idle", "--rate 50 --duration 60s")]
    public async Task Run_Signal_EndsWithOneAndNoProcessIsLeft(UnixSignal signal, string scenario, string arguments)
    {
        using TempFolder folder = new("interrupted");
        using ChildProcess run = ChildProcess.Start(ScenarioRunTests.Program,
            ["run", scenario, .. arguments.Split(' '), "--report", folder["out"]], ProxyExecutable.Environment);
        await run.Error.WaitForLineAsync(l => l.Contains($"{scenario} 5/60 s", StringComparison.Ordinal), "the run is under way");
        int[] proxies = LoadProxies.Of(run.Id);
        Assert.NotEmpty(proxies);

        run.Signal(signal);
        int code = await run.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(1, code);
        await run.Error.WaitForLineAsync(l => l.Contains($"{scenario}: interrupted; there is no result and no report",
            StringComparison.Ordinal), "it says why");
        await Eventually.HoldsAsync(() => !proxies.Any(LoadProxies.Runs), "no proxy is left");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["out"]));
    }
}
