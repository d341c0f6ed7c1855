using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>Logs what happens to overrides without an operator. Immutable.</summary>
/// <param name="stateDirectory">Null: overrides end with the process.</param>
internal sealed class OverrideEvents(ILogger log, string? stateDirectory = null) : IOverrideObserver
{
    public void Ended(Override set, OverrideEnd why)
    {
        string subject = $"service {set.Service}" + (set.Key.Upstream is { } upstream ? $", upstream {upstream}" : "");
        if (why == OverrideEnd.Expired) Events.OverrideExpired(log, subject, set.What, set.Author);
        else Events.OverrideYielded(log, subject, set.What, set.Author, why == OverrideEnd.Gone ? "it is not in the configuration any more" : "the configuration has changed it since");
    }

    public void Restored(int count) => Events.OverridesRestored(log, Counted.Of(count, "override"));

    public void FileSetAside(string path, string why, string? movedTo)
    {
        if (movedTo is null) Events.StateUnusable(log, path, why);
        else Events.StateSetAside(log, path, why, movedTo);
    }

    public void NotRead(string why) => Events.StateNotRead(log, why);

    /// <summary>Where the path is a file's, the system says only that it exists.</summary>
    public void NotLocked(string why) => Events.StateNotLocked(log, File.Exists(stateDirectory) ? $"{stateDirectory} is a file, expected a directory" : why);

    public void NotStored(string why) => Events.OverridesNotStored(log, why);
}
