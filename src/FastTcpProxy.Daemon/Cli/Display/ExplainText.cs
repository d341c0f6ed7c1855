using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Texts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>What would happen to a client, as text: the outcome first, and then its reasons. Pure, any thread.</summary>
internal static class ExplainText
{
    public static string Of(ExplainDocument document, Screen screen, DateTime now) =>
        screen.DrawFitting(wide => [.. Parts(document, now, wide)]);

    private static IEnumerable<IRenderable> Parts(ExplainDocument document, DateTime now, bool wide)
    {
        Paragraph first = new();
        first.Append($"{OneLine.Escape(document.From)} to {OneLine.Escape(document.Service)}: ", TextStyles.Heading);
        yield return first.Append(OneLine.Escape(document.Outcome) + "\n");

        yield return Heading("Listeners");
        foreach (ListenerDocument listener in document.Listeners)
            yield return TextTable.Note($"{listener.Address}: {listener.Why}", listener.Reachable ? Style.Plain : TextStyles.Attention);

        yield return Heading("Guards");
        yield return Limit("sessions that descriptors allow", document.Guards.Descriptors, "one more waits");
        yield return Limit("sessions of the process", document.Guards.Process, "one more is refused");
        yield return Limit("sessions of the service", document.Guards.Service, "one more is refused");
        if (document.Guards.AcceptProxy is { } header)
            yield return TextTable.Note($"PROXY header: {header.Why}", header.Verdict == "refused" ? TextStyles.Bad : Style.Plain);

        if (document.Guards.Client.Length > 0) yield return TextTable.Note($"client: {OneLine.Escape(document.Guards.Client)}");

        yield return Heading("Upstreams, in the order in which they are tried");
        if (document.Order is { } order) yield return TextTable.Note(OverrideText.Describe(order, now), TextStyles.Attention);
        yield return new Padder(Candidates(document, wide), new Padding(2, 0, 0, 0));
        foreach (CandidateDocument candidate in document.Candidates)
        {
            if (!wide) yield return TextTable.Note($"{candidate.Name}: {Addresses(candidate)}; {candidate.Why}");
            yield return TextTable.Note($"{candidate.Name}: {Attempts(candidate, now)}");
            if (candidate.HeaderDoubt is { } doubt) yield return TextTable.Note($"{candidate.Name}: {doubt}", TextStyles.Attention);
            if (candidate.Health.Flapping)
                yield return TextTable.Note(
                    $"{candidate.Name}: flapping: {Counted.Of(candidate.Health.Transitions, "change")} between up and down",
                    TextStyles.Attention);
        }
    }

    private static IRenderable Candidates(ExplainDocument document, bool wide)
    {
        TextTable table = new(["Upstream", "!Serving", "!Override", "!Health", "!Mode", "!Sessions#",
            .. wide ? ["Addresses", "Why"] : Array.Empty<string>()]);
        foreach (CandidateDocument candidate in document.Candidates)
        {
            List<IRenderable> cells =
            [
                TextTable.Cell(candidate.Name),
                StatusText.Serving(candidate.Serving),
                StatusText.Override(candidate.Override),
                StatusText.Health(candidate.Health),
                TextTable.Cell(candidate.Mode),
                new Text(candidate.Sessions.ToString(CultureInfo.InvariantCulture)),
            ];
            if (wide) cells.AddRange([TextTable.Cell(Addresses(candidate)), TextTable.Cell(candidate.Why)]);
            table.Add(cells);
        }
        return table.Done();
    }

    private static string Addresses(CandidateDocument candidate) =>
        candidate.Addresses.IsEmpty ? "no address yet" : string.Join(", ", candidate.Addresses);

    private static string Attempts(CandidateDocument candidate, DateTime now) => candidate.Attempts.IsEmpty
        ? "no attempt yet"
        : "last attempts: " + string.Join("; ",
            candidate.Attempts.Select(a => $"{Words(a.Outcome)} {TimeText.Ago(now - a.At)} ({TimeText.Milliseconds(a.TookMs)})"));

    private static string Words(string outcome) => outcome switch
    {
        "timedOut" => "timed out",
        "abandoned" => "given up, the client left",
        _ => outcome,
    };

    private static IRenderable Limit(string what, LimitDocument limit, string full) => TextTable.Note(
        string.Create(CultureInfo.InvariantCulture, $"{what}: {limit.Sessions}")
        + (limit.Max is { } max ? string.Create(CultureInfo.InvariantCulture, $" of {max}") : ", no limit")
            + (limit.Full ? $": {full}" : ""),
        limit.Full ? TextStyles.Bad : Style.Plain);

    private static Paragraph Heading(string text) => new Paragraph("\n").Append(text + "\n", TextStyles.Heading);
}
