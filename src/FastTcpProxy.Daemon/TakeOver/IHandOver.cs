using System.Collections.Immutable;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The process that hands over its listeners, as the server of the take-over sees it: <see cref="Offer"/>, then perhaps
/// <see cref="Release"/>, then <see cref="Complete"/> or, at any point, <see cref="Withdraw"/>. Called on that server's thread, which may
/// block.
/// </summary>
internal interface IHandOver
{
    /// <summary>
    /// What the next process gets. Clients notice nothing of it: mostly the next process comes to nothing. Operators can change no
    /// overrides until it is decided.
    /// </summary>
    HandOverOffer Offer();

    /// <summary>
    /// The next process serves: stops accepting, without any effect on the sockets that are shared now, and keeps them. No reload begins
    /// until it is decided.
    /// </summary>
    /// <exception cref="TakeOverException">The offer does not hold any more: this process continues, and the next one exits.</exception>
    void Release();

    /// <summary>
    /// The next process has confirmed after the release: lets go for good. Returns when that is done; what else follows may follow later.
    /// </summary>
    /// <param name="processId">The next process; 0 where it cannot be seen.</param>
    void Complete(int processId);

    /// <summary>The next process has come to nothing, and the offer with it: accepts again where it had stopped.</summary>
    /// <returns>Whether this process listens: not when it is to end anyway.</returns>
    bool Withdraw();
}

/// <summary>What the next process gets. It owns the descriptors, which are duplicates.</summary>
/// <param name="Listeners">Of the services.</param>
/// <param name="Admin">Of the administrative interface; empty where it has none.</param>
/// <param name="Health">What checks have found out.</param>
/// <param name="Counters">The memories of the counters. These are no duplicates, and stay the engine's: closing one would end its
/// lock.</param>
internal sealed record HandOverOffer(
    ImmutableArray<ListenerDescriptors> Listeners, ImmutableArray<ListenerDescriptors> Admin,
    ImmutableArray<HealthVerdict> Health, ImmutableArray<int> Counters) : IDisposable
{
    /// <summary>Duplicates all or nothing.</summary>
    /// <exception cref="TakeOverException">No descriptor is left; nothing was duplicated.</exception>
    public static HandOverOffer Of(ImmutableArray<ListenerDescriptors> listeners, ImmutableArray<ListenerDescriptors> admin,
        ImmutableArray<HealthVerdict> health, ImmutableArray<int> counters)
    {
        ImmutableArray<ListenerDescriptors> mine = ListenerDuplicates.Of(listeners);
        try
        {
            return new HandOverOffer(mine, ListenerDuplicates.Of(admin), health, counters);
        }
        catch
        {
            ListenerDuplicates.Close(mine);
            throw;
        }
    }

    public void Dispose()
    {
        ListenerDuplicates.Close(Listeners);
        ListenerDuplicates.Close(Admin);
    }
}
