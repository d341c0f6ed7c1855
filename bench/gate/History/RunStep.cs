using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using FastTcpProxy.Gate.CommandLine;

namespace FastTcpProxy.Gate.History;

/// <summary>One step of a run: the gate, the allocation budget, a load scenario. Immutable.</summary>
/// <param name="Note">What a reader has to know of it; null: nothing.</param>
public sealed record RunStep(string Name, Outcome Outcome, string? Note)
{
    private const string SkippedWord = "skipped";

    /// <summary>Reads "NAME=CODE" or "NAME=CODE,NOTE": the step's exit code, which means what the gate's own do, or "skipped".</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RunStep? step)
    {
        step = null;
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) return false;
        string[] parts = text[(equals + 1)..].Split(',', 2, StringSplitOptions.TrimEntries);
        Outcome? outcome = parts[0] == SkippedWord ? Outcome.Skipped
            : !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int code) ? null
            : code switch { ExitCodes.Ok => Outcome.Passed, ExitCodes.Regression => Outcome.Regression, _ => Outcome.NoVerdict };
        if (outcome is { } known) step = new RunStep(text[..equals], known, parts.Length > 1 ? parts[1] : null);
        return step is not null;
    }

    /// <summary>How a run of these steps ended: one regression makes it one, also where another step could not tell.</summary>
    public static Outcome Overall(IEnumerable<RunStep> steps)
    {
        Outcome[] outcomes = [.. steps.Select(s => s.Outcome)];
        return outcomes.Contains(Outcome.Regression) ? Outcome.Regression
            : outcomes.Contains(Outcome.NoVerdict) || !outcomes.Contains(Outcome.Passed) ? Outcome.NoVerdict
            : Outcome.Passed;
    }
}
