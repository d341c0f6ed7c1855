using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;
using Spectre.Console;

namespace FastTcpProxy.LoadTest.CommandLine;

/// <summary>Runs a scenario against one proxy after the other, and says what came of it. Used once, by the main task.</summary>
/// <param name="report">The folder for reports; null: none.</param>
/// <param name="thresholds">The file of thresholds; null: the scenario's own.</param>
/// <param name="ownNetwork">Whether it runs in a network namespace of its own, where that can be had.</param>
internal sealed class RunCommand(Scenario scenario, string? report, string? thresholds, bool ownNetwork)
{
    /// <summary>
    /// Apart from the ports on which the stage listens: one that is closed for a while must not be taken by a connection meanwhile.
    /// </summary>
    private const string PortRange = "33000 65000";

    public async Task<int> RunAsync(LoadOptions options, IReadOnlyList<ProxyChoice> proxies, CancellationToken stop)
    {
        try
        {
            if (TooShort(scenario, options) is { } wrong)
            {
                await Console.Error.WriteLineAsync(wrong);
                return ExitCodes.WrongCommandLine;
            }
            IReadOnlyList<Threshold>? fromFile = thresholds is null ? null : ThresholdFile.Read(thresholds);
            if (report is not null) ReportFolder.Create(report);
            Prepare(scenario, options, ownNetwork);
            return await RunAllAsync(options, proxies, fromFile, stop);
        }
        catch (Exception e) when (CanHappen(e))
        {
            await Console.Error.WriteLineAsync($"{scenario.Name}: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private async Task<int> RunAllAsync(LoadOptions options, IReadOnlyList<ProxyChoice> proxies, IReadOnlyList<Threshold>? fromFile,
        CancellationToken stop)
    {
        List<RunResult> results = [];
        int code = ExitCodes.Ok;
        foreach (ProxyChoice choice in proxies)
        {
            LoadOptions chosen = options with { Proxy = choice.Kind, Program = choice.Program };
            LiveProgress progress = new(Console.Error, !Console.IsErrorRedirected, Console.IsErrorRedirected ? 0 : Console.WindowWidth);
            RunResult result;
            try
            {
                result = await RunPlan.RunAsync(scenario, chosen, CommandOf(chosen, choice), (recorder, runner) =>
                {
                    (long errors, SecondResult? last) = recorder.Now;
                    progress.Show(new ProgressState(scenario.Name, recorder.Elapsed, chosen.Duration, recorder.PhaseNow, runner.Open,
                        errors, last));
                }, stop);
            }
            finally
            {
                progress.End();
            }
            IReadOnlyList<Verdict> verdicts = Judge.Of(result, fromFile ?? scenario.ThresholdsOf(chosen));
            TextReport.Write(AnsiConsole.Console, result, verdicts);
            if (report is not null)
                ReportFolder.Write(result, verdicts, proxies.Count == 1 ? report : Path.Combine(report, choice.FolderName));
            // The others are there to compare with: only the first one's thresholds decide.
            if (results.Count == 0 && verdicts.Any(v => !v.IsOk)) code = ExitCodes.Breached;
            results.Add(result);
        }
        if (results.Count > 1)
        {
            ComparisonReport.Write(AnsiConsole.Console, results);
            if (report is not null)
                await File.WriteAllTextAsync(Path.Combine(report, ReportFolder.Comparison), ComparisonReport.ToMarkdown(results), stop);
        }
        return code;
    }

    /// <summary>The command that repeats a run.</summary>
    private string CommandOf(LoadOptions options, ProxyChoice choice) =>
        $"dotnet run -c Release --project loadtest/FastTcpProxy.LoadTest -- run {scenario.Name} --rate {options.Rate} "
        + $"--duration {DurationText.Format(options.Duration)}"
        + (options.ConnectTimeout == LoadOptions.ConnectTimeoutDefault
            ? ""
            : $" --connect-timeout {DurationText.Format(options.ConnectTimeout)}")
        + (options.MemoryMib == scenario.MemoryMib ? "" : $" --memory {options.MemoryMib}")
        + (choice.Kind == ProxyKind.FastTcpProxy && choice.Program is null ? "" : $" --proxy {choice.Text}");

    /// <summary>What is wrong with a duration that lacks some of the scenario's phases, and what to do; null: nothing.</summary>
    public static string? TooShort(Scenario scenario, LoadOptions options) => scenario.DurationMinOf(options) is var min
        && options.Duration < min
        ? $"--duration: '{DurationText.Format(options.Duration)}', {scenario.Name} needs at least {DurationText.Format(min)}"
            + $" (with --connect-timeout {DurationText.Format(options.ConnectTimeout)}) for clients in each of its phases"
        : null;

    /// <summary>
    /// Looks whether the machine has what a run needs. As root it first begins the program anew, in a network of its own, and does not
    /// return.
    /// </summary>
    /// <exception cref="StageException">Something is missing; the message says what, and what to do.</exception>
    public static void Prepare(Scenario scenario, LoadOptions options, bool ownNetwork)
    {
        if (ownNetwork) EnterNetwork();
        Needs needs = scenario.NeedsOf(options);
        int descriptors = DescriptorLimit.Raise(), ports = RunPlan.EphemeralPorts();
        Console.Error.WriteLine(
            $"{scenario.Name}: needs up to {needs.Descriptors} descriptors a process (of {descriptors}) "
            + $"and {needs.Ports} ephemeral ports (of {ports})");
        if (RunPlan.Missing(needs, descriptors, ports) is { } missing) throw new StageException(missing);
    }

    /// <summary>What keeps a run from being made, or its report from being written: the message is all that a user needs.</summary>
    public static bool CanHappen(Exception e) =>
        e is StageException or ThresholdException or ContestantException or InvalidOperationException or TimeoutException
        or IOException or UnauthorizedAccessException or OperationCanceledException;

    private static void EnterNetwork()
    {
        if (!NetworkNamespace.IsInside) Console.Error.WriteLine(NetworkNamespace.Enter());
        if (!NetworkNamespace.IsInside) return;
        foreach (string refused in NetworkNamespace.SetUp()) Console.Error.WriteLine(refused);
        File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", PortRange);
    }
}
