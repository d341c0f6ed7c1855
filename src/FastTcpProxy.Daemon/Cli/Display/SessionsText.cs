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
        if (wide) yield return Columns(document, now);
        else
        {
            foreach (string line in document.Sessions.SelectMany(session => Lines(session, now))) yield return TextTable.Line(line);
        }
        if (document.More)
            yield return TextTable.Line($"and more than these {document.Sessions.Length}, which began last: --limit, or a narrower choice",
                TextStyles.Attention);
        foreach (IRenderable line in Elsewhere(document)) yield return line;
    }

    private static IRenderable Columns(SessionsDocument document, DateTime now)
    {
        TextTable table = new("!Id#", "Service", "Listener", "Client", "Peer", "Upstream", "Address", "!State", "!Age", "!Idle",
            "!From client#", "!From upstream#");
        foreach (SessionDocument session in document.Sessions)
        {
            table.Add(
                TextTable.Cell(session.Id), TextTable.Cell(session.Service), TextTable.Cell(session.Listener),
                TextTable.Cell(Client(session)),
                // The peer is of interest where it is another one: a balancer.
                TextTable.Cell(session.Peer == session.Client ? "" : session.Peer), TextTable.Cell(session.Upstream),
                TextTable.Cell(session.UpstreamAddress == session.Upstream ? "" : session.UpstreamAddress),
                TextTable.Cell(State(session.State)), new Text(TimeText.Span(now - session.StartedAt)),
                new Text(TimeText.Span(TimeSpan.FromMilliseconds(session.IdleMs))),
                new Text(ByteText.Of(session.BytesFromClient)), new Text(ByteText.Of(session.BytesFromUpstream)));
        }
        return table.Done();
    }

    /// <summary>A session where columns have no room: id and addresses stay whole, so that they can be copied.</summary>
    private static string[] Lines(SessionDocument session, DateTime now) =>
    [
        $"{session.Id}  {Client(session)} to {session.Service}" + (session.Upstream is { } upstream ? $", upstream {upstream}" : ""),
        $"  {State(session.State)}, open for {TimeText.Span(now - session.StartedAt)}, "
        + $"idle for {TimeText.Span(TimeSpan.FromMilliseconds(session.IdleMs))}; {ByteText.Of(session.BytesFromClient)} from client, "
        + $"{ByteText.Of(session.BytesFromUpstream)} from upstream",
    ];

    private static string Client(SessionDocument session) => session.Client ?? session.Peer ?? "not known";

    /// <summary>Sessions of earlier processes, whatever was chosen here.</summary>
    private static IEnumerable<IRenderable> Elsewhere(SessionsDocument document) =>
        from generation in document.Generations ?? []
        where generation.Sessions > 0
        let name = GenerationName.Of(generation.Socket, generation.Pid)
        select TextTable.Line($"{generation.Sessions} more in generation {name}, which drains: --generation {name}", TextStyles.Attention);

    private static string State(string state) => state == "readingHeader" ? "reading header" : state;
}
