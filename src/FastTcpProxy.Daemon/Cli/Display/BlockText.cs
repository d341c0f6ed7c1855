using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Protocol;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>Entries that were made at run time, as text. Pure, any thread.</summary>
internal static class BlockText
{
    public static string Past(string action) => action == "deny" ? "denied" : "allowed";

    public static string At(string? service) => service is null ? "" : $" at service {service}";

    public static string Until(DateTime? end) => end is { } time ? $"until {time:yyyy-MM-dd HH:mm:ss} UTC" : "for good";

    public static string Of(BlockDocument document, Screen screen)
    {
        if (document.Entries.IsEmpty) return "no entry\n";
        TextTable table = new("Network", "Service", "Until (UTC)", "By", "Reason");
        foreach (EntryDocument entry in document.Entries)
            table.Add(TextTable.Cell(entry.Network),
                TextTable.Cell(entry.InForce ? entry.Service ?? "all" : $"{entry.Service} (gone)"),
                TextTable.Cell(entry.Expires is { } end ? $"{end:yyyy-MM-dd HH:mm:ss}" : "for good"), TextTable.Cell(entry.Author),
                TextTable.Cell(entry.Reason));
        List<IRenderable> parts = [table.Done()];
        if (document.More)
            parts.Add(TextTable.Line($"the first {document.Entries.Length} of {Counted.Of(document.Total, "entry", "entries")}; "
                + "--limit prints more"));
        return screen.Draw([.. parts]);
    }

    public static string Of(BlockCheckDocument document, Screen screen)
    {
        List<IRenderable> parts = [];
        foreach (ServiceCheckDocument service in document.Services)
        {
            parts.Add(TextTable.Line($"{document.Address} at service {service.Service}: {Word(service.Verdict)}",
                service.Verdict is "served" or "allowed" ? TextStyles.Good : TextStyles.Bad));
            parts.Add(TextTable.Note(service.Why));
            if (service.RoomAt is { } room) parts.Add(TextTable.Note($"it may connect again at {room:yyyy-MM-dd HH:mm:ss} UTC"));
            if (service.BannedUntil is { } end) parts.Add(TextTable.Note($"banned {Until(end)}"));
            if (service.Trusted)
                parts.Add(TextTable.Note("a trusted balancer (acceptProxy.from): not it is judged, but the client of its header",
                    TextStyles.Attention));
            if (!service.Upstreams.IsEmpty)
                parts.Add(TextTable.Note($"the address of upstream {string.Join(", ", service.Upstreams)}", TextStyles.Attention));
        }
        return screen.Draw([.. parts]);
    }

    private static string Word(string verdict) => verdict == "notAllowed" ? "not allowed" : verdict;
}
