using System.Globalization;
using FastTcpProxy.Daemon.Protocol;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>
/// The upstreams of services: what is configured, what an operator has set and what checks found, beside each other. Pure, any thread.
/// </summary>
internal static class UpstreamsText
{
    public static string Table(IEnumerable<ServiceDocument> services, Screen screen, DateTime now) =>
        screen.DrawFitting(inColumns => [.. services.SelectMany(service => Service(service, now, inColumns))]).TrimStart('\n');

    private static IEnumerable<IRenderable> Service(ServiceDocument service, DateTime now, bool inColumns)
    {
        yield return StatusText.Headline(service);
        yield return TextTable.Line(service.Order is { } order ? OverrideText.Describe(order, now) : "tried in the configured order");
        // "Place" is that in the configuration; the rows stand in the order in which they are tried.
        string[] headings = inColumns
            ? ["!Place#", "Upstream", "Address", "!Mode", "!Configured", "!Override", "!Health", "!Serving", "!Sessions#", "Why"]
            : ["!Place#", "Upstream", "!Configured", "!Override", "!Health", "!Serving", "!Sessions#"];
        TextTable table = new([.. headings]);
        foreach (UpstreamDocument upstream in service.Upstreams)
        {
            ConfiguredDocument configured = upstream.Configured;
            List<IRenderable> cells =
            [
                new Text(configured.Place.ToString(CultureInfo.InvariantCulture)),
                TextTable.Cell(upstream.Name),
                .. inColumns ? [TextTable.Cell(configured.Address), TextTable.Cell(configured.Mode)] : Array.Empty<IRenderable>(),
                configured.Enabled ? new Text("enabled") : new Text("disabled", TextStyles.Attention),
                StatusText.Override(upstream.Override),
                StatusText.Health(upstream.Health),
                StatusText.Serving(upstream.Serving),
                new Text(upstream.Sessions.ToString(CultureInfo.InvariantCulture)),
            ];
            if (inColumns) cells.Add(TextTable.Cell(upstream.Why));
            table.Add(cells);
        }
        yield return table.Done();
        if (inColumns) yield break;
        foreach (UpstreamDocument upstream in service.Upstreams)
            yield return TextTable.Note($"{upstream.Name}: {upstream.Configured.Address} ({upstream.Configured.Mode}); {upstream.Why}");
    }
}
