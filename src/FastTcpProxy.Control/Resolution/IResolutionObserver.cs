using System.Collections.Immutable;
using System.Net;

namespace FastTcpProxy.Control.Resolution;

/// <summary>
/// Is told what changed about a DNS name. Called on the thread pool, for one name by one thread at a time; must not block or throw.
/// </summary>
public interface IResolutionObserver
{
    /// <summary>
    /// The set of addresses is another one, or the first. Called again with the same addresses when a name that had failed is back.
    /// </summary>
    /// <param name="name">The DNS name.</param>
    /// <param name="addresses">Those in use from now on, in the order in which they are tried.</param>
    /// <param name="found">How many the resolver gave; more than are in use when it is over the cap.</param>
    void Resolved(string name, ImmutableArray<IPAddress> addresses, int found);

    /// <summary>The name stopped resolving, or never did. Said once, until it resolves again.</summary>
    /// <param name="name">The DNS name.</param>
    /// <param name="error">What the resolver said.</param>
    /// <param name="kept">The last good addresses, which stay in use; empty when there were none yet.</param>
    void Failed(string name, string error, ImmutableArray<IPAddress> kept);
}
