using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Daemon.Admin.Documents;
using FastTcpProxy.Daemon.CommandLine;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Client;

/// <summary>A status as people and programs read it. What it shows came from outside, so no control character gets through. Pure, any thread.</summary>
internal static class StatusText
{
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);
    private static readonly Style Attention = new(Color.Yellow);
    private static readonly Style Heading = new(decoration: Decoration.Bold);

    /// <summary>
    /// The document as it came. Between the values of JSON there can be no control character but tabs and ends of lines; within a string its escape
    /// means the same.
    /// </summary>
    /// <exception cref="AdminClientException">It is no JSON.</exception>
    public static string Json(byte[] answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
        }
        catch (JsonException e)
        {
            throw new AdminClientException($"the answer is no JSON: {e.Message}", e);
        }
        string text = Encoding.UTF8.GetString(answer).TrimEnd();
        return string.Concat(text.Split('\n').Select(line => string.Join('\t', line.TrimEnd('\r').Split('\t').Select(OneLine.Escape)) + '\n'));
    }

    /// <summary>
    /// A heading line and a table for each service. Where the tables are wider than the screen, what the checks saw stands below them and not in their
    /// last column.
    /// </summary>
    public static string Table(StatusDocument status, Screen screen, DateTime now)
    {
        string wide = new Screen(Screen.Unbounded, false).Draw(Parts(status, now, inColumns: true));
        bool fits = wide.Split('\n').All(line => line.Length <= screen.Width);
        return screen.Draw(Parts(status, now, inColumns: fits));
    }

    private static IEnumerable<IRenderable> Parts(StatusDocument status, DateTime now, bool inColumns)
    {
        yield return new Text($"fasttcpproxy {OneLine.Escape(status.Version)}, process {status.Pid}, up {TimeText.Span(now - status.StartedAt)}\n");
        foreach (ServiceDocument service in status.Services)
        {
            yield return Headline(service);
            yield return Upstreams(service.Upstreams, now, inColumns);
            if (inColumns) continue;
            foreach (UpstreamDocument upstream in service.Upstreams)
                yield return new Padder(new Text($"{OneLine.Escape(upstream.Name)}: {Last(upstream.Health)}"), new Padding(2, 0, 0, 0));
        }
    }

    private static Paragraph Headline(ServiceDocument service)
    {
        string sessions = service.Sessions == 1 ? "1 session" : $"{service.Sessions} sessions";
        Paragraph line = new("\n");
        line.Append(OneLine.Escape(service.Name), Heading);
        line.Append($" on {OneLine.Escape(string.Join(", ", service.Listen))}, {sessions}");
        if (service.AllOut) line.Append(", every upstream is down", Bad);
        line.Append("\n");
        return line;
    }

    private static Table Upstreams(ImmutableArray<UpstreamDocument> upstreams, DateTime now, bool withLast)
    {
        string[] headings = ["Upstream", "Address", "State", "Since", "Serving", "Next check", "Last check"];
        if (!withLast) headings = headings[..^1];
        Table table = new() { Border = TableBorder.None };
        foreach (string heading in headings)
        {
            // What is short stays whole; names, addresses and reasons are broken where the terminal is very narrow.
            bool isShort = heading is "State" or "Since" or "Serving" or "Next check";
            table.AddColumn(new TableColumn(new Text(heading, Heading)) { NoWrap = isShort, Padding = new Padding(0, 0, heading == headings[^1] ? 0 : 2, 0) });
        }
        foreach (UpstreamDocument upstream in upstreams) table.AddRow(Cells(upstream, now).Take(headings.Length));
        return table;
    }

    private static IRenderable[] Cells(UpstreamDocument upstream, DateTime now) =>
    [
        new Text(OneLine.Escape(upstream.Name)),
        new Text(OneLine.Escape(upstream.Configured.Address)),
        State(upstream.Health),
        new Text(upstream.Health.Since is { } since ? TimeText.Span(now - since) : ""),
        new Text(upstream.Serving ? "yes" : "no", upstream.Serving ? Style.Plain : Bad),
        new Text(Next(upstream.Health, now)),
        new Text(Last(upstream.Health)),
    ];

    private static Paragraph State(HealthDocument health)
    {
        Style style = health.State switch
        {
            "up" => Good,
            "down" => Bad,
            _ => Attention,
        };
        Paragraph state = new(OneLine.Escape(health.State), style);
        if (health.Flapping) state.Append("\nflapping", Attention);
        return state;
    }

    private static string Next(HealthDocument health, DateTime now) => health.NextCheck switch
    {
        null => "",
        { } next when next <= now => "now",
        { } next => "in " + TimeText.Span(next - now + TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1)),
    };

    private static string Last(HealthDocument health)
    {
        string reason = OneLine.Escape(health.Reason);
        if (health.LastCheck is not { } last) return reason;
        string probes = last.Probes.Length > 1 ? $", {last.Probes.Length} probes" : "";
        return $"{OneLine.Escape(last.Result)}: {reason} ({TimeText.Milliseconds(last.DurationMs)}{probes})";
    }
}
