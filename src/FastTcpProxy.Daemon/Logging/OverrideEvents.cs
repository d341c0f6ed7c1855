using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>Logs what happens to overrides without an operator. Immutable.</summary>
internal sealed class OverrideEvents(ILogger log) : IOverrideObserver
{
    public void Ended(Override set, OverrideEnd why)
    {
        EventPart upstream = EventPart.Behind(", upstream ", set.Key.Upstream);
        if (why == OverrideEnd.Expired) Events.OverrideExpired(log, set.Service, upstream, set.What, set.Author);
        else Events.OverrideYielded(log, set.Service, upstream, set.What, set.Author,
            why == OverrideEnd.Gone ? "it is no longer in the configuration" : "the configuration has changed it since");
    }

    public void Restored(int count) => Events.OverridesRestored(log, Counted.Of(count, "override"));

    public void FileSetAside(string path, string why, string? movedTo)
    {
        if (movedTo is null) Events.StateUnusable(log, path, why);
        else Events.StateSetAside(log, path, why, movedTo);
    }

    public void NotRead(string why) => Events.StateNotRead(log, why);

    public void NotLocked(string why) => Events.StateNotLocked(log, why);

    public void NotStored(string why) => Events.OverridesNotStored(log, why);
}
