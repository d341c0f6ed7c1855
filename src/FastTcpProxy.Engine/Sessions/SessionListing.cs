using FastTcpProxy.Engine.Loop;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>Describes sessions of one loop, the latest first, a few in each turn. Made for one use; runs inside the loop.</summary>
/// <param name="context">Of the loop.</param>
/// <param name="holds">Which sessions; asked again in the turn in which one is described.</param>
/// <param name="max">How many at most.</param>
/// <param name="done">Called inside the loop with what was found.</param>
internal sealed class SessionListing(LoopContext context, Predicate<Session> holds, int max, Action<List<SessionView>> done) : IDeferrable
{
    /// <summary>Sessions that are described in one turn: some hundred microseconds of work.</summary>
    public const int PerTurn = 128;

    private readonly List<SessionView> _views = [];
    private Queue<(Session Session, long Id)>? _found;

    public ILoopItem? NextQueued { get; set; }

    public void Run()
    {
        _found ??= context.Find(holds, max);
        for (int turn = 0; turn < PerTurn && _found.TryDequeue(out (Session Session, long Id) next); turn++)
        {
            // It may have ended since, and the object may be another session.
            if (next.Session.State != SessionState.Idle && next.Session.Id == next.Id && holds(next.Session)) _views.Add(next.Session.ToView());
        }
        Continue();
    }

    void IThreadPoolWorkItem.Execute() => context.Loop.Dispatch(this);

    // The session that was looked at is left out; the rest is not.
    public void OnFault(Exception fault) => Continue();

    private void Continue()
    {
        if (_found is { Count: > 0 }) context.Transport.Defer(this);
        else done(_views);
    }
}
