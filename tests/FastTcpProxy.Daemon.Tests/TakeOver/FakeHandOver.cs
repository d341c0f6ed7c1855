using System.Collections.Immutable;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>A running process as the server of the take-over sees it. Any thread; the sockets are the test's.</summary>
internal sealed class FakeHandOver(ImmutableArray<ListenerDescriptors> listeners, ImmutableArray<ListenerDescriptors> admin) : IHandOver
{
    private readonly List<string> _log = [];

    public Action BeforeRelease { get; set; } = () => { };

    public Action BeforeOffer { get; set; } = () => { };

    /// <summary>While the listeners are let go and not yet given up.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>Whether it listens when the take-over comes to nothing.</summary>
    public bool Listens { get; set; } = true;

    public ImmutableArray<HealthVerdict> Health { get; set; } = [];

    /// <summary>Offers that came to nothing.</summary>
    public int Withdrawn { get; private set; }

    /// <summary>The process that has taken over; null while none has.</summary>
    public int? ReleasedTo { get; private set; }

    public OperationalLog Log => new(TimeProvider.System, new EventLines(line => { lock (_log) _log.Add(line); }));

    public bool HasLogged(string text)
    {
        lock (_log) return _log.Exists(line => line.Contains(text, StringComparison.Ordinal));
    }

    public ImmutableArray<int> Counters { get; init; } = [];

    public HandOverOffer Offer()
    {
        BeforeOffer();
        return HandOverOffer.Of(listeners, admin, Health, Counters);
    }

    public bool Withdraw()
    {
        Withdrawn++;
        IsReleased = false;
        return Listens;
    }

    public void Release()
    {
        BeforeRelease();
        IsReleased = true;
    }

    public void Complete(int processId)
    {
        IsReleased = false;
        ReleasedTo = processId;
    }
}
