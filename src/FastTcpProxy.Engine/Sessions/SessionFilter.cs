using System.Net;
using FastTcpProxy.Engine.Guards;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>Which sessions are meant: those that match every value that is given. Immutable.</summary>
/// <param name="Service">The name of their service.</param>
/// <param name="Upstream">The name of the upstream that they are proxied to or connecting to.</param>
/// <param name="Client">Where the client is; a session whose client has no address lies in no network.</param>
/// <param name="Id">The one with this <see cref="SessionView.Id"/>.</param>
public sealed record SessionFilter(string? Service = null, string? Upstream = null, IPNetwork? Client = null, long? Id = null)
{
    /// <summary>Every session.</summary>
    public static SessionFilter All { get; } = new();

    /// <summary>The question to each session, inside its loop.</summary>
    internal Predicate<Session> ToPredicate()
    {
        NetworkSet? clients = Client is { } network ? new NetworkSet([network]) : null;
        return session => (Id is null || session.Id == Id)
            && (Service is null || session.ServiceName == Service)
            && (Upstream is null || session.UpstreamName == Upstream)
            && (clients is null || clients.Contains(session.ClientEnd));
    }
}
