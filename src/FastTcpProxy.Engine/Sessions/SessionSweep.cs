using FastTcpProxy.Engine.Loop;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// Ends the sessions of one loop for which something holds, a few in each turn, so that the others go on meanwhile. Made for one use; runs
/// inside the loop.
/// </summary>
/// <param name="context">Of the loop.</param>
/// <param name="holds">Which sessions; asked again in the turn in which one is ended.</param>
/// <param name="party">Who ends them.</param>
/// <param name="cause">Why.</param>
/// <param name="done">Called inside the loop with how many were ended, when all are.</param>
internal sealed class SessionSweep(LoopContext context, Predicate<Session> holds, EndParty party, EndCause cause, Action<int>? done = null) : IDeferrable
{
    /// <summary>Sessions that are ended in one turn: some hundred microseconds of work.</summary>
    public const int PerTurn = 32;

    private Queue<(Session Session, long Id)>? _found;
    private int _ended;

    public ILoopItem? NextQueued { get; set; }

    public void Run()
    {
        _found ??= context.Find(holds);
        for (int ended = 0; ended < PerTurn && _found.TryDequeue(out (Session Session, long Id) next);)
        {
            // Between two turns it may have ended, and the object may be another session by now, for which it holds even.
            if (next.Session.State == SessionState.Idle || next.Session.Id != next.Id || !holds(next.Session)) continue;
            ended++;
            _ended++;
            next.Session.EndByForce(party, cause);
        }
        Continue();
    }

    void IThreadPoolWorkItem.Execute() => context.Loop.Dispatch(this);

    // The session that was being ended is lost to the sweep; the rest is not.
    public void OnFault(Exception fault) => Continue();

    private void Continue()
    {
        if (_found is { Count: > 0 }) context.Transport.Defer(this);
        else done?.Invoke(_ended);
    }
}
