using System.Collections.Concurrent;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>Keeps what it hears of changes as texts. Any thread.</summary>
internal sealed class RecordingHealthObserver : IHealthObserver
{
    private int _checks;

    public ConcurrentQueue<string> Events { get; } = new();

    public int Checks => Volatile.Read(ref _checks);

    public void Checked(string service, string upstream, UpstreamHealth before, UpstreamHealth after)
    {
        if (before.State != after.State)
            Events.Enqueue($"{service}/{upstream} {before.State} -> {after.State}: {after.Last!.Decisive.Text}");
        Interlocked.Increment(ref _checks);
    }

    public void AnyUp(string service, bool isAnyUp, string counts) =>
        Events.Enqueue($"{service} {(isAnyUp ? "one up" : "none up")}: {counts}");
}
