using System.Collections.Immutable;
using System.Text;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Cli.Machine;

namespace FastTcpProxy.Daemon.Cli.Doctor;

/// <summary>Findings for people: the worst first, what is good in one line. Pure, any thread.</summary>
internal static class DoctorText
{
    private const string Indent = "  ";

    /// <param name="findings">Sorted.</param>
    /// <param name="width">Of the screen, in characters.</param>
    /// <param name="withOk">Whether each one that is good has a line.</param>
    public static string Of(ImmutableArray<MachineFinding> findings, int width, bool withOk)
    {
        StringBuilder text = new();
        MachineFinding? before = null;
        foreach (MachineFinding finding in findings.Where(f => f.Severity > MachineSeverity.Ok))
        {
            Append(text, finding, width, isSameRule: finding.Rule == before?.Rule);
            before = finding;
        }
        foreach (MachineFinding finding in findings.Where(f => withOk && f.Severity == MachineSeverity.Ok))
            AppendLine(text, $"ok {finding.Rule.Code}: {finding.Rule.What}: {finding.Found}", width, "");
        if (withOk) text.Append('\n');
        string all = withOk ? "" : " (--all lists them)";
        AppendLine(text, $"{Count(MachineSeverity.Error, "error")}, {Count(MachineSeverity.Warning, "warning")}, "
            + $"{Count(MachineSeverity.Note, "note")}; {findings.Count(f => f.Severity == MachineSeverity.Ok)} ok{all}", width, "");
        return text.ToString();

        string Count(MachineSeverity severity, string word) =>
            Control.Configuration.Problems.Counted.Of(findings.Count(f => f.Severity == severity), word);
    }

    /// <param name="isSameRule">Whether it follows another one of its rule, which has said what belongs to the rule.</param>
    private static void Append(StringBuilder text, MachineFinding finding, int width, bool isSameRule)
    {
        AppendLine(text, $"{finding.SeverityWord} {finding.Rule.Code}: {finding.Rule.What}", width, "");
        AppendLine(text, "found:  " + finding.Found, width, Indent);
        if (finding.Wanted is not null || !isSameRule)
            AppendLine(text, "wanted: " + (finding.Wanted ?? finding.Rule.Wanted), width, Indent);
        if (!isSameRule) AppendLine(text, "why:    " + finding.Rule.Why, width, Indent);
        if (finding.Place is { } place) AppendLine(text, "asked:  " + place, width, Indent);
        if (!finding.Change.IsEmpty) text.Append(Indent).Append("change:\n");
        foreach (string change in finding.Change)
        {
            // A command and its comment stay what can be typed.
            string layout = ExampleText.Format(OneLine.Escape(change), Math.Max(width - Indent.Length, 1));
            foreach (string line in layout.TrimEnd('\n').Split('\n')) text.Append(Indent).Append(line).Append('\n');
        }
        text.Append('\n');
    }

    /// <summary>Code marks of the documents are for documents.</summary>
    private static void AppendLine(StringBuilder text, string line, int width, string indent)
    {
        string folded = Folded.Of(OneLine.Escape(line.Replace("`", "", StringComparison.Ordinal)), width - indent.Length);
        foreach (string part in folded.Split('\n')) text.Append(indent).Append(part).Append('\n');
    }
}
