using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// The attempts that sessions have given up and that are watched nevertheless. Without them a server that takes longer than the hedge delay
/// would never be measured, and would look dead. A few for each address, and always those that decide: the one that has made it suspect,
/// and each probe. Sessions leave a server that is known to be slow before it counts as silent; these find out when it dies. Belongs to one
/// loop.
/// </summary>
internal sealed class ConnectObservers
{
    private readonly LoopContext _context;
    private readonly List<ConnectObserver> _live = [];
    private readonly LoopPool<ConnectObserver> _pool;

    public ConnectObservers(LoopContext context)
    {
        _context = context;
        _pool = new LoopPool<ConnectObserver>(() => new ConnectObserver(context), SecondAttempts.ObserversMax);
    }

    /// <summary>How many there are.</summary>
    public int Count => _live.Count;

    /// <summary>Whether there may be one more.</summary>
    public bool HasRoom => _live.Count < _context.ObserversMax;

    /// <summary>Takes the attempt over, with its stream.</summary>
    /// <returns>False: it is not needed, or there are enough.</returns>
    public bool TryBegin(ServiceDefinition service, UpstreamDefinition upstream, ParkedAttempt attempt)
    {
        if (!HasRoom) return false;
        bool isClaimed = attempt.Address!.TryObserve();
        if (!isClaimed && attempt.Attempt.Probe == 0 && !attempt.Attempt.MadeSuspect) return false;
        ConnectObserver observer = _pool.Get();
        _live.Add(observer);
        observer.Begin(service, upstream, attempt, isClaimed);
        return true;
    }

    public void Return(ConnectObserver observer)
    {
        // One that ended twice by a defect is returned once.
        if (_live.Remove(observer)) _pool.Return(observer);
    }

    /// <summary>Ends them all, for the end of the loop.</summary>
    public void EndAll()
    {
        while (_live.Count > 0) _live[^1].End();
    }
}
