using FastTcpProxy.Daemon.Cli;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Monitoring;

/// <summary>The alerts, by Prometheus's own tool.</summary>
public sealed class RulesTests
{
    [Fact]
    public async Task Rules_AreValid()
    {
        RequiresPeer.Prometheus();
        ProcessResult check = await ChildProcess.RunAsync(RequiresPeer.PromtoolPath, ["check", "rules", MonitoringFiles.RulesPath]);
        Assert.True(check.ExitCode == 0, check.Output + check.Error);
    }

    [Fact]
    public async Task Alerts_FireOnTheirFaultsAndNotBesideThem()
    {
        RequiresPeer.Prometheus();
        ProcessResult test = await ChildProcess.RunAsync(RequiresPeer.PromtoolPath, ["test", "rules", MonitoringFiles.RulesTestPath]);
        Assert.True(test.ExitCode == 0, test.Output + test.Error);
    }

    [Fact]
    public void EachAlert_HasATestThatFiresAndOneThatDoesNot()
    {
        string tests = File.ReadAllText(MonitoringFiles.RulesTestPath);
        string[] alerts = MonitoringFiles.Alerts();
        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert =>
        {
            Assert.Contains($"- name: {alert}, fires\n", tests, StringComparison.Ordinal);
            Assert.Contains($"- name: {alert}, does not fire\n", tests, StringComparison.Ordinal);
        });
        Assert.Equal(alerts.Length, tests.Split(", fires\n").Length - 1);
    }

    /// <summary>Who is woken by an alert types what it says.</summary>
    [Fact]
    public void Actions_AreCommandsAndKeysOfTheProgram()
    {
        string keys = File.ReadAllText(Path.Combine(ProxyExecutable.RepositoryRoot, "src/docs/configuration.md"));
        string[] parts = [.. MonitoringFiles.Actions().SelectMany(action => action.Split("; "))];
        string[][] commands =
        [
            .. parts.Where(part => part.StartsWith("fasttcpproxy ", StringComparison.Ordinal))
                .Select(command => command.Replace("PID", "4711", StringComparison.Ordinal).Split(' ')[1..]),
        ];

        Assert.All(commands, command => Assert.Empty(ProgramCommand.Build(null).Parse(command).Errors));
        Assert.All(parts.SelectMany(part => part.Split(' ')).Where(word => word.StartsWith("engine.", StringComparison.Ordinal)),
            key => Assert.Contains($"\n| `{key["engine.".Length..]}` |", keys, StringComparison.Ordinal));
        Assert.True(commands.Length > 15, $"{commands.Length} commands were found");
    }
}
