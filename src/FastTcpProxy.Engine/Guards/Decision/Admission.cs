using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Guards.Decision;

/// <summary>The verdict on a client that has connected.</summary>
public enum AdmissionVerdict : byte
{
    /// <summary>It is served at once.</summary>
    Serve,

    /// <summary>It is a balancer: its PROXY header is read first.</summary>
    ReadHeader,

    /// <summary>The process has all the sessions that it may have.</summary>
    ProcessFull,

    /// <summary>The service has all the sessions that it may have.</summary>
    ServiceFull,

    /// <summary>The service takes balancers only, and it is none.</summary>
    NotTrusted,

    /// <summary>An entry denies its address, and none allows it.</summary>
    Denied,

    /// <summary>Only those are served whom an entry allows.</summary>
    NotAllowed,

    /// <summary>Its source has all the sessions that one may have.</summary>
    SourceSessions,

    /// <summary>Its source connects too fast.</summary>
    SourceRate,

    /// <summary>Its source was refused so often that it is refused for a time.</summary>
    Banned,

    /// <summary>All clients together connect too fast.</summary>
    TotalRate,

    /// <summary>As many sessions wait for an upstream as may.</summary>
    PendingConnects,
}

/// <summary>What the entries of allowed and denied networks say of a client.</summary>
public enum NetworkVerdict : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is denied, and not allowed.</summary>
    Denied,

    /// <summary>It is allowed.</summary>
    Allowed,
}

/// <summary>What is known of a client and of the service that it comes to.</summary>
/// <param name="ProcessHasRoom">Whether the process may have one more session.</param>
/// <param name="ServiceHasRoom">Whether the service may.</param>
/// <param name="AcceptsProxy">Whether the service expects a PROXY header of some clients.</param>
/// <param name="IsBalancer">Whether this client is one of them.</param>
/// <param name="ServesOthers">Whether others are served as they come.</param>
/// <param name="HeaderIsRead">Whether the balancer's header is read: then the client is the one that it names, and has its session
/// already.</param>
/// <param name="Listed">What the entries say of the client.</param>
/// <param name="ServesUnlisted">Whether clients are served of whom they say nothing.</param>
/// <param name="Source">What the limits say of its source.</param>
/// <param name="TotalHasRoom">Whether all clients together connect slowly enough.</param>
/// <param name="ConnectsHaveRoom">Whether one more session may wait for an upstream.</param>
public readonly record struct AdmissionFacts(
    bool ProcessHasRoom, bool ServiceHasRoom, bool AcceptsProxy, bool IsBalancer, bool ServesOthers, bool HeaderIsRead = false,
    NetworkVerdict Listed = NetworkVerdict.None, bool ServesUnlisted = true, SourceVerdict Source = SourceVerdict.Admitted,
    bool TotalHasRoom = true, bool ConnectsHaveRoom = true)
{
    /// <summary>Of a client that a balancer's header names: it is counted, and its balancer is trusted.</summary>
    public static AdmissionFacts OfNamedClient { get; } = new(true, true, AcceptsProxy: true, IsBalancer: true, ServesOthers: false,
        HeaderIsRead: true);
}

/// <summary>
/// Which clients are let in. Pure. The listener asks it of each client, before anything else is spent on it; the session asks again when a
/// balancer's header has named the client; <c>explain</c> asks both of a client that might come.
/// </summary>
public static class Admission
{
    /// <summary>The first fact that speaks against the client, in the order of what is cheapest to know.</summary>
    public static AdmissionVerdict Decide(in AdmissionFacts facts)
    {
        if (!facts.ProcessHasRoom) return AdmissionVerdict.ProcessFull;
        if (!facts.ServiceHasRoom) return AdmissionVerdict.ServiceFull;
        if (facts is { AcceptsProxy: true, HeaderIsRead: false })
        {
            if (facts.IsBalancer) return AdmissionVerdict.ReadHeader;
            if (!facts.ServesOthers) return AdmissionVerdict.NotTrusted;
        }
        // Only from here on it is the client itself that is judged, and not its balancer.
        return facts.Listed switch
        {
            NetworkVerdict.Allowed => AdmissionVerdict.Serve,
            NetworkVerdict.Denied => AdmissionVerdict.Denied,
            _ => facts.ServesUnlisted ? DecideByLimits(facts) : AdmissionVerdict.NotAllowed,
        };
    }

    private static AdmissionVerdict DecideByLimits(in AdmissionFacts facts) => facts.Source switch
    {
        SourceVerdict.Sessions => AdmissionVerdict.SourceSessions,
        SourceVerdict.Rate => AdmissionVerdict.SourceRate,
        SourceVerdict.Banned => AdmissionVerdict.Banned,
        _ when !facts.TotalHasRoom => AdmissionVerdict.TotalRate,
        _ => facts.ConnectsHaveRoom ? AdmissionVerdict.Serve : AdmissionVerdict.PendingConnects,
    };
}
