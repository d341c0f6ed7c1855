using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Texts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>Sessions as people read them. Pure, any thread.</summary>
internal static class SessionsText
{
    public static string Table(SessionsDocument document, Screen screen, DateTime now) =>
        screen.DrawFitting(wide => [.. Parts(document, now, wide)]);

    private static IEnumerable<IRenderable> Parts(SessionsDocument document, DateTime now, bool wide)
    {
        if (document.Sessions.IsEmpty)
        {
            yield return new Text("no session\n");
            foreach (IRenderable line in Elsewhere(document)) yield return line;
            yield break;
        }
        string[] headings = wide
            ? ["!Id#", "Service", "Listener", "Client", "Peer", "Upstream", "Address", "!State", "!Age", "!Idle", "!From client#",
                "!From upstream#"]
            : ["!Id#", "Service", "Client", "Upstream", "!State", "!Age", "!Idle", "!In#", "!Out#"];
        TextTable table = new([.. headings]);
        foreach (SessionDocument session in document.Sessions)
        {
            // The number at its end has to do where there is little room; commands take it too.
            List<IRenderable> cells =
                [TextTable.Cell(wide ? session.Id : session.Id[(session.Id.LastIndexOf('-') + 1)..]), TextTable.Cell(session.Service)];
            if (wide) cells.Add(TextTable.Cell(session.Listener));
            cells.Add(TextTable.Cell(session.Client ?? session.Peer ?? "not known"));
            // The peer is of interest where it is another one: a balancer.
            if (wide) cells.Add(TextTable.Cell(session.Peer == session.Client ? "" : session.Peer));
            cells.Add(TextTable.Cell(session.Upstream));
            if (wide) cells.Add(TextTable.Cell(session.UpstreamAddress == session.Upstream ? "" : session.UpstreamAddress));
            cells.Add(TextTable.Cell(State(session.State)));
            cells.Add(new Text(TimeText.Span(now - session.StartedAt)));
            cells.Add(new Text(TimeText.Span(TimeSpan.FromMilliseconds(session.IdleMs))));
            cells.Add(new Text(ByteText.Of(session.BytesFromClient)));
            cells.Add(new Text(ByteText.Of(session.BytesFromUpstream)));
            table.Add(cells);
        }
        yield return table.Done();
        if (document.More)
            yield return TextTable.Line($"and more than these {document.Sessions.Length}, which began last: --limit, or a narrower choice",
                TextStyles.Attention);
        foreach (IRenderable line in Elsewhere(document)) yield return line;
    }

    /// <summary>Sessions of earlier processes, whatever was chosen here.</summary>
    private static IEnumerable<IRenderable> Elsewhere(SessionsDocument document) =>
        from generation in document.Generations ?? []
        where generation.Sessions > 0
        let name = GenerationName.Of(generation.Socket, generation.Pid)
        select TextTable.Line($"{generation.Sessions} more in generation {name}, which drains: --generation {name}", TextStyles.Attention);

    private static string State(string state) => state == "readingHeader" ? "reading header" : state;
}
