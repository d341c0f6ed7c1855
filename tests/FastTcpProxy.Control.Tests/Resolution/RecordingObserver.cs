using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Resolution;

namespace FastTcpProxy.Control.Tests.Resolution;

/// <summary>Keeps what it is told, one text an event. Any thread.</summary>
internal sealed class RecordingObserver : IResolutionObserver
{
    private readonly ConcurrentQueue<string> _events = new();

    public string[] Events => [.. _events];

    public void Resolved(string name, ImmutableArray<IPAddress> addresses, int found) =>
        _events.Enqueue($"{name} = {string.Join(" ", addresses)}" + (found > addresses.Length ? $" of {found}" : ""));

    public void Failed(string name, string error, ImmutableArray<IPAddress> kept) =>
        _events.Enqueue($"{name} failed, kept {string.Join(" ", kept)}");
}
