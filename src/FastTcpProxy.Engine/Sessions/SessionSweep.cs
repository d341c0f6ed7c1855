using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// Resets the sessions of one loop that match a condition, a few in each turn, so that the others continue meanwhile. Sessions that begin
/// meanwhile are left alone. Made for one use; runs inside the loop.
/// </summary>
/// <param name="context">Of the loop.</param>
/// <param name="holds">Which sessions.</param>
/// <param name="party">Who ends them.</param>
/// <param name="cause">Why.</param>
/// <param name="done">Called inside the loop with how many were ended, when all are.</param>
internal sealed class SessionSweep(LoopContext context, Predicate<Session> holds, EndParty party, EndCause cause,
    Action<int>? done = null) : ILoopItem
{
    /// <summary>Sessions that are reset in one turn: some hundred microseconds of work.</summary>
    public const int PerTurn = 32;

    private SessionWalk? _walk;
    private int _ended;

    public ILoopItem? NextQueued { get; set; }

    public void Run()
    {
        _walk ??= new SessionWalk(context);
        int endedBefore = _ended;
        for (int visits = 0; visits < SessionWalk.VisitsPerTurn && _ended - endedBefore < PerTurn; visits++)
        {
            if (_walk.Next() is not { } session)
            {
                Finish();
                return;
            }
            if (!holds(session)) continue;
            _ended++;
            session.EndByForce(party, cause);
        }
        context.Loop.Defer(this);
    }

    // The session that was being reset is lost to the sweep; the others are not.
    public void OnFault(Exception fault) => context.Loop.Defer(this);

    private void Finish()
    {
        // Once, even when the called code has a defect.
        Action<int>? tell = done;
        done = null;
        tell?.Invoke(_ended);
    }
}
