using FastTcpProxy.LoadTest.Scenarios;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.Scenarios;

/// <summary>Each scenario by its command, for about ten seconds and with bounds that a busy machine holds.</summary>
public sealed class ScenarioRunTests
{
    internal static readonly string Program = ProxyExecutable.FilePath.Replace(
        Path.Combine("src", "FastTcpProxy.Daemon"), Path.Combine("loadtest", "FastTcpProxy.LoadTest"),
        StringComparison.Ordinal) + "-loadtest";

    /// <summary>
    /// Rates that leave room on a machine that does other things, and how long an upstream has, so that ten seconds hold every phase.
    /// </summary>
    [Theory]
    [InlineData("churn", "--rate 300", "all.errors max 0, all.count min 3000")]
    [InlineData("throughput", "--rate 4", "all.errors max 0, throughput_mib_s min 5")]
    [InlineData("idle", "--rate 100",
        "all.errors max 0, wake.silent.errors max 0, idle_connections min 1000, memory_per_idle_bytes max 40000")]
    [InlineData("slow", "--rate 60", "all.errors max 0, neighbour.slow.errors max 0, all.served min 60")]
    [InlineData("hoarders", "--rate 200 --duration 15s",
        "all.errors max 0, session.writers.errors max 0, session.readers.errors max 0, session.readers.count min 100, "
        + "attackers.writers_arrive.errors max 0, attackers.writers_arrive.count min 200, attackers.readers_arrive.errors max 0, "
        + "attackers.readers_arrive.count min 200, writers_held min 150, readers_held min 150, writers.p50_ms/quiet.p50_ms max 1000")]
    [InlineData("burst", "--rate 10", "all.hung max 0, all.wrong max 0, steady.errors max 0, burst.count min 900")]
    [InlineData("failover", "--rate 40 --duration 15s --connect-timeout 500ms",
        "refused.errors max 0, refused.failed_over min 10, silent.errors max 0, silent.failed_over min 5, silent.p50_ms min 450, "
        + "reset.reset min 1, slow.errors max 0, checked.errors max 0, after_checked.errors max 0, disabled.errors max 0, "
        + "after_disabled.errors max 0, after_disabled.served min 5, paused.errors max 0, paused.served min 5, paused.failed_over max 0, "
        + "after_paused.failed_over max 0")]
    [InlineData("hedged", "--rate 100", "all.errors max 0, accepted_in_vain max 0, silent.served max 0, silent.p50_ms max 400, "
        + "silent.over_300_ms_percent max 20, silent.extra_connects_percent max 20, suspected min 1, back.served min 10")]
    [InlineData("suspect", "--rate 100 --duration 30s", "all.errors max 0, accepted_in_vain max 0, late.served min 30, "
        + "late_known.served min 25, suspected_flapping min 1, flapping.failed_over min 50")]
    [InlineData("return", "--rate 200", "all.errors max 0, accepted_in_vain max 0, out.served max 3, out.failed_over min 100, "
        + "first_second.served/first_second.count min 0.05, first_second.served/first_second.count max 0.2, "
        + "returning.served min 100")]
    [InlineData("worst-case", "--rate 100 --connect-timeout 2s", "all.errors max 0, silent.p50_ms min 1900, silent.failed_over min 100, "
        + "neighbour.silent.errors max 0, admin.silent.errors max 0, back.served min 50, caught_up_s max 5, "
        + "memory_per_waiting_bytes max 150000")]
    [InlineData("worst-case-checked", "--rate 100 --connect-timeout 2s --duration 12s",
        "all.errors max 0, silent.p50_ms max 1500, silent.failed_over min 100, back.served min 50")]
    [InlineData("worst-case-hedged", "--rate 100 --connect-timeout 2s --duration 12s",
        "all.errors max 0, silent.p50_ms max 400, silent.failed_over min 100, neighbour.silent.errors max 0, back.served min 20")]
    [InlineData("reload", "--rate 200", "all.errors max 0, session.reloads.errors max 0, session.reloads.count min 20, "
        + "reloads_done min 50, upgrades_done min 5, pauses_done min 2, earlier_processes_left max 0")]
    [InlineData("soak", "--rate 100", "all.errors max 0, descriptor_growth max 60, session.soak.errors max 0, session.soak.count min 20, "
        + "pauses_done min 1, reloads_done min 1, upgrades_done min 1, upgrades_killed min 1, earlier_processes_left max 0")]
    public async Task Run_TenSeconds_HoldsItsBounds(string name, string arguments, string bounds)
    {
        Assert.SkipWhen(name == "suspect" && !Environment.IsPrivilegedProcess, "packets are lost by nftables, as root");
        using TempFolder folder = new("scenario");
        string thresholds = folder.Write("thresholds.json", Json(bounds));
        if (!arguments.Contains("--duration", StringComparison.Ordinal)) arguments += " --duration 10s";

        ProcessResult result = await ChildProcess.RunAsync(
            Program, ["run", name, .. arguments.Split(' '), "--thresholds", thresholds, "--report", folder["report"]],
            environment: ProxyExecutable.Environment,
            within: TimeSpan.FromMinutes(3));

        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}\n{result.Error}\n{result.Output}");
    }

    [Fact]
    public void Runs_AreOfAllScenarios()
    {
        var covered = typeof(ScenarioRunTests).GetMethod(nameof(Run_TenSeconds_HoldsItsBounds))!.GetCustomAttributes(
            typeof(InlineDataAttribute), false)
            .Cast<InlineDataAttribute>().Select(data => (string)data.Data[0]!);

        Assert.Equal(Catalogue.All.Select(s => s.Name), covered);
    }

    [Fact]
    public async Task Run_ThresholdBreached_EndsWithThreeAndSaysWhich()
    {
        using TempFolder folder = new("breach");
        string thresholds = folder.Write("thresholds.json", Json("all.p99_ms max 0.001, all.errors max 0"));

        ProcessResult result = await ChildProcess.RunAsync(
            Program, ["run", "churn", "--rate", "50", "--duration", "1s", "--thresholds", thresholds],
            environment: ProxyExecutable.Environment, within: TimeSpan.FromMinutes(1));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("breached: all.p99_ms is ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("breached: all.errors", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "there is no scenario 'chrun', expected one of churn,", "run", "chrun")]
    [InlineData(2, "--rate: '0', expected a whole number from 1 to 50000", "run", "churn", "--rate", "0")]
    [InlineData(2, "--memory: '63', expected a whole number from 64 to 65536", "run", "hoarders", "--memory", "63")]
    [InlineData(2, "--duration: '10', expected 1s to 24h", "run", "churn", "--duration", "10")]
    [InlineData(2, "--duration: '1500ms', expected 1s to 24h: a whole number and s, m or h", "run", "churn", "--duration", "1500ms")]
    [InlineData(2, "--duration: '11s', worst-case needs at least 14s (with --connect-timeout 5s) for clients in each of its phases",
        "run", "worst-case", "--duration", "11s")]
    [InlineData(2, "worst-case needs at least 8s (with --connect-timeout 1s)",
        "run", "worst-case", "--duration", "7s", "--connect-timeout", "1s")]
    [InlineData(2, "failover needs at least 15s", "run", "failover", "--duration", "14s")]
    [InlineData(1, ", which is no report; name a new or an empty folder", "run", "churn", "--report", "/etc")]
    [InlineData(2, "--proxy: 'envoi' is neither", "run", "churn", "--proxy", "envoi")]
    [InlineData(1, "no.json", "run", "churn", "--thresholds", "no.json")]
    [InlineData(1, "worst-case: it needs", "run", "worst-case", "--rate", "50000")]
    [InlineData(1, "reload: reload runs against fasttcpproxy only", "run", "reload", "--proxy", "haproxy")]
    public async Task Run_Wrong_SaysWhat(int code, string error, params string[] arguments)
    {
        ProcessResult result = await ChildProcess.RunAsync(Program, arguments, environment: ProxyExecutable.Environment,
            within: TimeSpan.FromMinutes(1));

        Assert.Equal(code, result.ExitCode);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
    }

    /// <summary>"all.errors max 0, all.count min 5" as a file of thresholds.</summary>
    private static string Json(string bounds)
    {
        var lines = bounds.Split(", ").Select(b => b.Split(' ')).GroupBy(b => b[0])
            .Select(g => $"\"{g.Key}\": {{ {string.Join(", ", g.Select(b => $"\"{b[1]}\": {b[2]}"))} }}");
        return $"{{ \"thresholds\": {{ {string.Join(", ", lines)} }} }}";
    }
}
