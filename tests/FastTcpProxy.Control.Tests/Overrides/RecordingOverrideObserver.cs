using System.Collections.Concurrent;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Keeps what it hears, one text an event. Any thread.</summary>
internal sealed class RecordingOverrideObserver : IOverrideObserver
{
    private readonly ConcurrentQueue<string> _events = new();

    public string[] Events => [.. _events];

    public void Ended(Override set, OverrideEnd why) =>
        _events.Enqueue($"{set.Service}/{set.Key.Upstream ?? "-"}: {set.What} by {set.Author} ended: {why}");

    public void Restored(int count) => _events.Enqueue($"restored {count}");

    public void FileSetAside(string path, string why, string? movedTo) =>
        _events.Enqueue($"set aside {Path.GetFileName(path)} to {(movedTo is null ? "nowhere" : Path.GetFileName(movedTo))}: {why}");

    public void NotRead(string why) => _events.Enqueue($"not read: {why}");

    public void NotLocked(string why) => _events.Enqueue($"not locked: {why}");

    public void NotStored(string why) => _events.Enqueue($"not stored: {why}");
}
