using FastTcpProxy.Control.Entries;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>Converts entries to their documents. Pure, any thread.</summary>
internal static class BlockDocuments
{
    public static EntryKeyDocument From(EntryKey key) => new(key.Network.ToString(), Word(key.Action), key.Service);

    public static EntryDocument From(StoredEntry entry, RunningProxy proxy) => new(
        entry.Key.Network.ToString(), Word(entry.Key.Action), entry.Key.Service, Time(entry.Expires), entry.Reason, entry.Author,
        entry.Origin switch
        {
            EntryOrigin.Operator => "operator",
            EntryOrigin.Api => "api",
            EntryOrigin.File => "file",
            _ => "rule",
        },
        StatusDocuments.Time(entry.Created), entry.Revision,
        entry.Key.Service is not { } service || proxy.Composer.Services.Any(s => s.Name == service));

    private static string Word(NetworkAction action) => action == NetworkAction.Deny ? "deny" : "allow";

    private static DateTime? Time(DateTimeOffset? time) => time is { } t ? StatusDocuments.Time(t) : null;
}
