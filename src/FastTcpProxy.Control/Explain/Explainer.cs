using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Explain;

/// <summary>
/// Says what would happen to a client that connects now. The verdict is that of <see cref="Admission"/>, which the engine asks too. Whether
/// a listener can be reached, and what follows from the verdict, is described here. It promises nothing: the next moment has other counts.
/// Pure, any thread.
/// </summary>
public static class Explainer
{
    /// <param name="service">All that decides.</param>
    /// <param name="from">The client's address; an IPv4 address is not given as a mapped one.</param>
    public static Explanation Explain(ExplainFacts service, IPAddress from)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(from);
        ImmutableArray<ListenerReach> listeners = [.. service.Configuration.Listen.Select(l => Reach(l, from))];
        (HeaderVerdict header, string why) = Judge(service.Configuration.Settings.AcceptProxy, from);
        string outcome = TurnedAway(service, from, listeners, header, why) ?? ProxiedTo(service, header);
        return new Explanation(listeners, header, why, outcome);
    }

    private static ListenerReach Reach(ConfiguredListenAddress address, IPAddress from)
    {
        if (address.EndPoint is not { } end)
            return new ListenerReach(address, false, "a UNIX socket, for processes of this machine, which have no address");
        bool v4 = from.AddressFamily == AddressFamily.InterNetwork;
        bool v4Listener = end.AddressFamily == AddressFamily.InterNetwork;
        if (IPAddress.IsLoopback(end.Address) && !IPAddress.IsLoopback(from))
            return new ListenerReach(address, false, "a loopback address, for clients on this machine");
        if (v4 != v4Listener && !(v4 && address.DualStack))
            return new ListenerReach(address, false, $"takes {Family(v4Listener)} clients only");
        return new ListenerReach(address, true, address.DualStack ? "takes IPv4 and IPv6 clients" : $"takes {Family(v4Listener)} clients");
    }

    private static (HeaderVerdict Verdict, string Why) Judge(AcceptProxyDefinition? accept, IPAddress from)
    {
        if (accept is null)
            return (HeaderVerdict.None, "the service has no acceptProxy: no header is expected, and a header counts as payload");
        foreach (IPNetwork network in accept.From.Networks)
        {
            if (network.Contains(from))
                return (HeaderVerdict.Header, $"{from} is in {network}: it must send a header, "
                    + $"complete within {ValueText.WriteDuration(accept.Timeout)}, and the client is the one that the header names");
        }
        string networks = $"{from} is in none of {string.Join(", ", accept.From.Networks)}";
        return accept.ServeOthers
            ? (HeaderVerdict.Plain, $"{networks}: it is served as a plain client (others: plain)")
            : (HeaderVerdict.Refused, $"{networks}: it is refused (others: refuse)");
    }

    /// <summary>Why no upstream would be tried; null: one would. In the order in which the engine finds out.</summary>
    private static string? TurnedAway(ExplainFacts service, IPAddress from, ImmutableArray<ListenerReach> listeners, HeaderVerdict header,
        string headerWhy)
    {
        ServiceConfiguration configuration = service.Configuration;
        ServiceSettings settings = configuration.Settings;
        ProcessFacts process = service.Process;
        if (!process.IsListening) return "No listener is open: the process is starting or draining, and takes no clients.";
        if (!listeners.Any(l => l.IsReachable))
            return $"The client cannot connect: no listener of {configuration.Name} takes clients from {from}.";
        if (process.Sessions >= process.Capacity)
            return $"The client waits in the kernel's queue: the descriptors of the process "
                + $"allow {Counted.Of(process.Capacity, "session")}, and it has {process.Sessions}.";
        AdmissionFacts facts = new(
            process.SessionsMax == 0 || process.Sessions < process.SessionsMax,
            settings.SessionsMax == 0 || service.Sessions < settings.SessionsMax,
            header != HeaderVerdict.None,
            header == HeaderVerdict.Header,
            header == HeaderVerdict.Plain);
        // Of a balancer it is the client named by the header that the guards judge.
        if (service.Guards is { } guards && header != HeaderVerdict.Header) facts = guards.Add(facts);
        AdmissionVerdict verdict = Admission.Decide(facts);
        if (verdict == AdmissionVerdict.ReadHeader) verdict = Admission.Decide(facts with { HeaderIsRead = true });
        switch (verdict)
        {
            case AdmissionVerdict.ProcessFull:
                return $"The client is refused: the process has {Counted.Of(process.Sessions, "session")}, "
                    + $"and engine.maxSessions is {process.SessionsMax}.";
            case AdmissionVerdict.ServiceFull:
                return $"The client is refused: {configuration.Name} has {Counted.Of(service.Sessions, "session")}, "
                    + $"and its maxSessions is {settings.SessionsMax}.";
            case AdmissionVerdict.NotTrusted:
                return $"The client is refused: {headerWhy}.";
        }
        if (service.Guards is { } asked && GuardText.Refusal(asked, verdict) is { } refusal) return $"The client is refused: {refusal}.";
        string fails = settings.OnAllFailed == AllFailedAction.Close ? "closed (onAllFailed: close)" : "reset (onAllFailed: reset)";
        ImmutableArray<Candidate> serving = [.. service.Candidates.Where(c => c.Status.IsServing)];
        if (serving.IsEmpty) return $"The connection is {fails} at once: no upstream of {configuration.Name} serves.";
        if (serving.All(c => c.Addresses.IsEmpty))
            return $"The connection is {fails} at once: no name of an upstream that serves has an address.";
        return null;
    }

    private static string ProxiedTo(ExplainFacts service, HeaderVerdict header)
    {
        ImmutableArray<Candidate> tried = [.. service.Candidates.Where(c => c.Status.IsServing && !c.Addresses.IsEmpty)];
        string first = header == HeaderVerdict.Header
            ? "Once its header has arrived, the client is proxied to "
            : "The client is proxied to ";
        string others = tried.Length == 1 ? "" : $"; if it cannot be reached, to {string.Join(", then ", tried.Skip(1).Select(Name))}";
        string doubt = tried.All(c => !c.Status.Health.IsServing) ? ", although no upstream is up (allDown: try-in-order)" : "";
        return $"{first}{Name(tried[0])}{others}{doubt}.";
    }

    private static string Name(Candidate candidate) => candidate.Status.Configuration.Name is { } name && candidate.Addresses.Contains(name)
        ? name
        : $"{candidate.Status.Configuration.Name} ({string.Join(", ", candidate.Addresses)})";

    private static string Family(bool v4) => v4 ? "IPv4" : "IPv6";
}
