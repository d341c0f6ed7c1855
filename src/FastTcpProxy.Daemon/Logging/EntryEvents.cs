using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Entries;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>Logs what happens to entries that are made at run time. Immutable.</summary>
internal sealed class EntryEvents(ILogger log) : IEntryObserver
{
    public void Restored(int count) => Events.EntriesRestored(log, Counted.Of(count, "entry", "entries"));

    public void LinesLeftOut(string path, int lines, bool isTail)
    {
        if (isTail) Events.EntryTailDropped(log, path);
        else Events.EntryLinesDropped(log, path, Counted.Of(lines, "line"));
    }

    public void NotRead(string why) => Events.EntriesNotRead(log, why);

    public void NotStored(string why) => Events.EntriesNotStored(log, why);
}
