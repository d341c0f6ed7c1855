using System.Runtime.InteropServices;
using System.Text.Json;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Compare.Measurements;
using FastTcpProxy.Compare.Reporting;
using Spectre.Console;

namespace FastTcpProxy.Compare.CommandLine;

/// <summary>How a run begins and where its report goes. Immutable.</summary>
/// <param name="OwnNetwork">Make a network namespace where that can be done.</param>
/// <param name="Arguments">The command line.</param>
internal sealed record RunSettings(string? JsonPath, string? MarkdownPath, bool OwnNetwork, string[] Arguments);

/// <summary>A comparison from its set-up to its report. Used by the main thread.</summary>
internal static class CompareRun
{
    private const int SignalExitCode = 130;

    /// <returns>The exit code.</returns>
    public static int Run(CompareOptions options, RunSettings settings)
    {
        List<string> notes = [.. SetUpNetwork(settings.OwnNetwork)];
        int descriptors = DescriptorLimit.Raise();
        (List<Contestant> contestants, List<AbsentContestant> absent) = Find(options);
        foreach (AbsentContestant missing in absent) Say($"{missing.Name} is absent: {missing.Reason}");
        CheckDescriptors(options, descriptors);
        // Early, not after ten minutes.
        foreach (string path in new[] { settings.JsonPath, settings.MarkdownPath }.OfType<string>()) File.AppendAllText(path, "");
        using Bed bed = new(options, contestants, descriptors, Say);
        // None of the contestants may outlive the run.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => End(context, bed));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => End(context, bed));
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => End(context, bed));
        if (options.Threads == 1 && !bed.IsPinned) notes.Add("only one CPU: proxy and load share it, and the figures say little");
        List<string> failures = [];
        Report report = new()
        {
            Date = DateTimeOffset.UtcNow,
            Command = "dotnet run -c Release --project bench/compare --" + string.Concat(settings.Arguments.Select(a => " " + Quote(a))),
            Machine = MachineFacts.Read(),
            Contestants = [.. contestants],
            Absent = [.. absent],
            Notes = [.. notes],
            Measurements = [.. Comparison.Run(bed, failure =>
            {
                failures.Add(failure);
                Console.Error.WriteLine($"error: {failure}");
            })],
        };
        report = report with { Failures = [.. failures] };
        TerminalReport.Write(report, AnsiConsole.Console);
        if (settings.JsonPath is { } json) File.WriteAllText(json, JsonSerializer.Serialize(report, ReportJson.Default.Report) + "\n");
        if (settings.MarkdownPath is { } markdown) File.WriteAllText(markdown, MarkdownReport.Render(report));
        return failures.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static IEnumerable<string> SetUpNetwork(bool ownNetwork)
    {
        if (NetworkNamespace.IsInside) return NetworkNamespace.SetUp();
        return [ownNetwork ? NetworkNamespace.Enter() : "on the machine's own loopback, as --no-namespace asks for"];
    }

    private static (List<Contestant> Found, List<AbsentContestant> Absent) Find(CompareOptions options)
    {
        List<Contestant> found = [.. ContestantFinder.FindBuilds(options.Builds)
            .Select(b => b with { Keys = options.Keys.FirstOrDefault(k => k.Name == b.Name).Keys ?? "" })];
        List<AbsentContestant> absent = [];
        foreach (string name in options.Peers)
        {
            // Only streams know it.
            if (name == ContestantFinder.SpliceName && !options.Subjects.Any(s => s.IsStream())) continue;
            if (ContestantFinder.FindPeer(name, out AbsentContestant? missing) is { } peer) found.Add(peer);
            else if (missing is not null) absent.Add(missing);
        }
        return (found, absent);
    }

    /// <exception cref="ContestantException">There are too few.</exception>
    private static void CheckDescriptors(CompareOptions options, int descriptors)
    {
        int wanted = (options.Connections * 2) + DescriptorLimit.Reserved;
        if (descriptors >= wanted) return;
        throw new ContestantException(
            $"{options.Connections} connections take {wanted} descriptors in a process, and it may have {descriptors}: "
            + "raise ulimit -n, or give --connections");
    }

    private static void End(PosixSignalContext context, Bed bed)
    {
        context.Cancel = true;
        bed.StopAll();
        Environment.Exit(SignalExitCode);
    }

    private static void Say(string progress) => Console.Error.WriteLine(progress);

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=,:+".Contains(c, StringComparison.Ordinal))
            ? argument : "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
