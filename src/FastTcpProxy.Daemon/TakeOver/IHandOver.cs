using System.Collections.Immutable;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>What gives its listeners away, as the server of the take-over sees it. Called on that server's thread, which may be held.</summary>
internal interface IHandOver
{
    /// <summary>What the next process gets. Clients notice nothing of it: mostly the next process comes to nothing. Operators can change no overrides until it is decided.</summary>
    HandOverOffer Offer();

    /// <summary>The next process has come to nothing, and the offer with it.</summary>
    void Withdraw();

    /// <summary>
    /// The next process serves: stops accepting, without any effect on the sockets that are shared now. Returns when that is done; what else follows
    /// may follow later.
    /// </summary>
    /// <param name="processId">The next process; 0 where it cannot be seen.</param>
    /// <exception cref="TakeOverException">The offer does not hold any more: this process goes on, and the next one ends.</exception>
    void Release(int processId);
}

/// <summary>The sockets that the next process gets. It owns the descriptors, which are duplicates.</summary>
/// <param name="Listeners">Of the services.</param>
/// <param name="Admin">Of the administrative interface; empty where it has none.</param>
internal sealed record HandOverOffer(ImmutableArray<ListenerDescriptors> Listeners, ImmutableArray<ListenerDescriptors> Admin) : IDisposable
{
    public void Dispose()
    {
        ListenerDuplicates.Close(Listeners);
        ListenerDuplicates.Close(Admin);
    }
}
