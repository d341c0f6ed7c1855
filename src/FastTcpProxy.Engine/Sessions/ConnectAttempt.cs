using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>One connect of a session, from its begin until it is recorded. A value of its session.</summary>
internal struct ConnectAttempt
{
    /// <summary>Its place in the list of the session.</summary>
    public AttemptPlace Place;

    public long StartedUs;

    /// <summary>When it began, by the time that the loop had.</summary>
    public long StartedMs;

    public long DeadlineMs;

    /// <summary>From the begin until it is recorded.</summary>
    public bool IsOpen;

    /// <summary>Of one that finds out whether a suspect upstream answers again: which probe it is. 0: it is none.</summary>
    public long Probe;

    /// <summary>Whether its silence was the last that the upstream was suspected for.</summary>
    public bool MadeSuspect;

    /// <summary>When it counts as silent; never, once it does, and where that is no evidence.</summary>
    public long SilentDueMs;

    /// <summary>Whether it has counted as silent.</summary>
    public bool WasSilent;
}

/// <summary>An attempt that is in flight beside a younger one of the same session. Kept by the loop, for what few sessions need.</summary>
internal sealed class ParkedAttempt : IResettable
{
    public ConnectAttempt Attempt;

    /// <summary>Set while it is used.</summary>
    public StreamSocket? Stream { get; set; }

    public UpstreamAddress? Address { get; set; }

    /// <summary>Whether the younger one was started although this one had not failed; otherwise it followed a failure.</summary>
    public bool IsHedged { get; set; }

    public bool TryReset()
    {
        (Stream, Address) = (null, null);
        return true;
    }
}
