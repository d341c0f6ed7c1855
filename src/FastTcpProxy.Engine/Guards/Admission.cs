namespace FastTcpProxy.Engine.Guards;

/// <summary>What becomes of a client that has connected.</summary>
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
}

/// <summary>What is known of a client and of those that it comes to when it has connected.</summary>
/// <param name="ProcessHasRoom">Whether the process may have one more session.</param>
/// <param name="ServiceHasRoom">Whether the service may.</param>
/// <param name="AcceptsProxy">Whether the service expects a PROXY header of some clients.</param>
/// <param name="IsBalancer">Whether this client is one of them.</param>
/// <param name="ServesOthers">Whether others are served as they come.</param>
public readonly record struct AdmissionFacts(bool ProcessHasRoom, bool ServiceHasRoom, bool AcceptsProxy, bool IsBalancer, bool ServesOthers);

/// <summary>Who may come in. Pure: the listener asks it of each client, before anything else is spent on it, and <c>explain</c> of one that might come.</summary>
public static class Admission
{
    /// <summary>The first thing that speaks against the client, in the order of what is cheapest to know.</summary>
    public static AdmissionVerdict Decide(in AdmissionFacts facts)
    {
        if (!facts.ProcessHasRoom) return AdmissionVerdict.ProcessFull;
        if (!facts.ServiceHasRoom) return AdmissionVerdict.ServiceFull;
        if (!facts.AcceptsProxy) return AdmissionVerdict.Serve;
        if (facts.IsBalancer) return AdmissionVerdict.ReadHeader;
        return facts.ServesOthers ? AdmissionVerdict.Serve : AdmissionVerdict.NotTrusted;
    }
}
