using System.CommandLine;
using System.Text.Json;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Gate.History;
using FastTcpProxy.Gate.Running;

namespace FastTcpProxy.Gate.CommandLine;

/// <summary>
/// <c>history add|page|baseline</c>: keeps the runs of bench/regression.sh and draws their trend. Used by the main thread.
/// </summary>
internal static class HistoryCommand
{
    private const string ResultFile = "result.json", PageFile = "trend.html";

    public static Command Build() => new("history", "Keeps the runs of bench/regression.sh, and draws their trend.") { Add(),
        Page(), Baseline() };

    private static Command Add()
    {
        Option<DirectoryInfo> run = new("--run")
        {
            Description = "What the steps have written; gets result.json and trend.html.", HelpName = "DIR", Required = true,
        };
        Option<DirectoryInfo> history = HistoryOption();
        Option<string> baseName = new("--base") { Description = "What the base is called.", HelpName = "NAME", Required = true };
        Option<string> headName = new("--head") { Description = "What the head is called.", HelpName = "NAME", Required = true };
        Option<string> baseCommit = new("--base-commit") { Description = "Its commit.", HelpName = "HASH" };
        Option<string> headCommit = new("--head-commit") { Description = "Its commit.", HelpName = "HASH" };
        Option<string[]> steps = new("--step")
        {
            Description = "How a step ended: NAME=CODE or NAME=CODE,NOTE, the code 0, 1, 3 as the gate's own, "
                + "or \"skipped\". Can be repeated.", Required = true,
        };
        steps.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!RunStep.TryParse(token.Value, out _))
                    result.AddError($"--step {token.Value}: expected NAME=CODE or NAME=CODE,NOTE with an exit code or \"skipped\"");
            }
        });
        Option<bool> updateBaseline = new("--update-baseline") { Description = "Makes this run the baseline, if it passed." };
        Command command =
            new("add", "Adds a run. A run that did not pass is kept apart, and never becomes the baseline. Ends as the run did: 0, 1 or 3.")
        { run, history, baseName, baseCommit, headName, headCommit, steps, updateBaseline };
        command.SetAction(result => Add(
            result.GetRequiredValue(run).FullName,
            new HistoryFolder(result.GetRequiredValue(history).FullName),
            new Revision(result.GetRequiredValue(baseName), result.GetValue(baseCommit)),
            new Revision(result.GetRequiredValue(headName), result.GetValue(headCommit)),
            [.. result.GetRequiredValue(steps)
                .Select(text => RunStep.TryParse(text, out RunStep? step) ? step : throw new GateException(text))],
            result.GetValue(updateBaseline)));
        return command;
    }

    private static int Add(string folder, HistoryFolder history, Revision ofBase, Revision ofHead, IReadOnlyList<RunStep> steps,
        bool updateBaseline)
    {
        RunRecord run = new()
        {
            Date = DateTimeOffset.UtcNow, Outcome = RunStep.Overall(steps), Base = ofBase, Head = ofHead, Machine = MachineFacts.Read(),
            Steps = steps,
            Figures = ReadFigures(folder),
        };
        // First what is this run's own: it is of use also where the history is damaged.
        File.WriteAllText(Path.Combine(folder, ResultFile), run.ToJson());
        history.Add(run, updateBaseline);
        File.WriteAllText(Path.Combine(folder, PageFile), TrendPage.Write(history.Read(), history.Baseline()));
        foreach (RunStep step in steps)
            Console.WriteLine($"{step.Name,-32}{TrendPage.Word(step.Outcome)}{(step.Note is null ? "" : $" ({step.Note})")}");
        Console.WriteLine($"{"all",-32}{TrendPage.Word(run.Outcome)}");
        return run.Outcome switch { Outcome.Passed => ExitCodes.Ok, Outcome.Regression => ExitCodes.Regression, _ => ExitCodes.Failed };
    }

    private static Command Page()
    {
        Option<DirectoryInfo> history = HistoryOption();
        Argument<FileInfo> file = new("FILE") { Description = "The HTML file." };
        Command command = new("page", "Draws the trend of a history.") { history, file };
        command.SetAction(result =>
        {
            HistoryFolder folder = new(result.GetRequiredValue(history).FullName);
            File.WriteAllText(result.GetRequiredValue(file).FullName, TrendPage.Write(folder.Read(), folder.Baseline()));
        });
        return command;
    }

    private static Command Baseline()
    {
        Option<DirectoryInfo> history = HistoryOption();
        Command command = new("baseline", "Prints the commit of the baseline; nothing, and ends with 1, when there is none.") { history };
        command.SetAction(result =>
        {
            if (new HistoryFolder(result.GetRequiredValue(history).FullName).Baseline()?.Head.Commit is not { } commit)
                return ExitCodes.Failed;
            Console.WriteLine(commit);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Option<DirectoryInfo> HistoryOption() =>
        new("--history") { Description = "The folder of the history.", HelpName = "DIR", Required = true };

    private static IReadOnlyList<RunFigure> ReadFigures(string folder)
    {
        try
        {
            return RunOutput.ReadFigures(folder);
        }
        catch (JsonException e)
        {
            throw new GateException($"{folder}: a report is damaged: {e.Message}");
        }
    }
}
