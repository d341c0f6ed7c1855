using FastTcpProxy.Engine.Loop;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>Describes sessions of one loop, the latest first, a few in each turn. Made for one use; runs inside the loop.</summary>
/// <param name="context">Of the loop.</param>
/// <param name="holds">Which sessions.</param>
/// <param name="max">How many at most.</param>
/// <param name="done">Called inside the loop with what was found.</param>
internal sealed class SessionListing(LoopContext context, Predicate<Session> holds, int max, Action<List<SessionView>>? done) : ILoopItem
{
    /// <summary>Sessions that are described in one turn: some hundred microseconds of work.</summary>
    public const int PerTurn = 128;

    private readonly List<SessionView> _views = [];
    private SessionWalk? _walk;

    public ILoopItem? NextQueued { get; set; }

    public void Run()
    {
        _walk ??= new SessionWalk(context);
        int viewsBefore = _views.Count;
        for (int visits = 0; visits < SessionWalk.VisitsPerTurn && _views.Count - viewsBefore < PerTurn; visits++)
        {
            if (_views.Count == max || _walk.Next() is not { } session)
            {
                Finish();
                return;
            }
            if (holds(session)) _views.Add(session.ToView());
        }
        context.Loop.Defer(this);
    }

    // The visited session is left out; the others are not.
    public void OnFault(Exception fault) => context.Loop.Defer(this);

    private void Finish()
    {
        _walk!.End();
        // Once, even when the called code has a defect.
        Action<List<SessionView>>? tell = done;
        done = null;
        tell?.Invoke(_views);
    }
}
