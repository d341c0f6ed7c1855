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

    /// <summary>It can do nothing itself then, and has told the kernel before. The workers of nginx are processes of their own.</summary>
    [Theory]
    [InlineData("ours")]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Run_IsKilled_NoProcessIsLeft(string proxy)
    {
        Assert.SkipUnless(proxy == "ours" || File.Exists($"/usr/sbin/{proxy}"), $"{proxy} is not installed");
        using ChildProcess run = ChildProcess.Start(ScenarioRunTests.Program,
            ["run", "churn", "--rate", "50", "--duration", "60s", "--proxy", proxy], ProxyExecutable.Environment);
        await run.Error.WaitForLineAsync(l => l.Contains("churn 5/60 s", StringComparison.Ordinal), "the run is under way");
        int[] proxies = LoadProxies.Of(run.Id), workers = [.. proxies.SelectMany(LoadProxies.Of)];
        Assert.Single(proxies);

        run.Signal(UnixSignal.Kill);

        await Eventually.HoldsAsync(() => !proxies.Concat(workers).Any(LoadProxies.Runs), "no proxy is left");
    }
}
