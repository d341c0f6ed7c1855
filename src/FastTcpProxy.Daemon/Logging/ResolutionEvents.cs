using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Resolution;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>Logs what changes about DNS names. Immutable; called on the thread pool.</summary>
internal sealed class ResolutionEvents(ILogger log) : IResolutionObserver
{
    public void Resolved(string name, ImmutableArray<IPAddress> addresses, int found)
    {
        Events.Resolved(log, name, string.Join(", ", addresses));
        if (found > addresses.Length) Events.TooManyAddresses(log, name, found, addresses.Length);
    }

    public void Failed(string name, string error, ImmutableArray<IPAddress> kept)
    {
        if (kept.IsEmpty) Events.Unresolved(log, name, error);
        else Events.KeptAddresses(log, name, error, string.Join(", ", kept));
    }
}
