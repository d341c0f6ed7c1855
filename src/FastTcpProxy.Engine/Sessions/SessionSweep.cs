using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// Ends the sessions of one loop that are joined to an upstream, a few in each turn, so that the others go on meanwhile. Made for one use; runs
/// inside the loop.
/// </summary>
/// <param name="context">Of the loop.</param>
/// <param name="service">Whose sessions.</param>
/// <param name="upstream">The upstream's name.</param>
/// <param name="party">Who ends them.</param>
/// <param name="cause">Why.</param>
internal sealed class SessionSweep(LoopContext context, ServiceState service, string upstream, EndParty party, EndCause cause) : IDeferrable
{
    /// <summary>Sessions that are ended in one turn: some hundred microseconds of work.</summary>
    public const int PerTurn = 32;

    private Queue<Session>? _found;
    private long _foundUs;

    public ILoopItem? NextQueued { get; set; }

    public void Run()
    {
        if (_found is null)
        {
            _foundUs = context.Loop.NowUs;
            _found = context.Find(session => session.IsJoined(service, upstream));
        }
        for (int ended = 0; ended < PerTurn && _found.TryDequeue(out Session? session);)
        {
            // Between two turns it may have ended, and the object may be another session by now, on the same upstream even.
            if (!session.IsJoined(service, upstream) || session.StartedUs > _foundUs) continue;
            session.EndByForce(party, cause);
            ended++;
        }
        if (_found.Count > 0) context.Transport.Defer(this);
    }

    void IThreadPoolWorkItem.Execute() => context.Loop.Dispatch(this);

    public void OnFault(Exception fault)
    {
        // The session that was being ended is lost to the sweep; the rest is not.
        if (_found is { Count: > 0 }) context.Transport.Defer(this);
    }
}
