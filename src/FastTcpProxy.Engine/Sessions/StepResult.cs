using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// The outcome of a step of a session: it stays, or it ends. A step never ends a session itself, so that nothing can touch a session after
/// its end. The code that was called from outside acts on the outcome, as its last act.
/// </summary>
internal readonly record struct StepResult
{
    private StepResult(EndReason reason, bool reset)
    {
        IsEnd = true;
        Reason = reason;
        Reset = reset;
    }

    /// <summary>The session continues.</summary>
    public static StepResult Stay => default;

    public bool IsEnd { get; }

    /// <summary>Why it ends.</summary>
    public EndReason Reason { get; }

    /// <summary>Whether both connections are reset; otherwise they are closed in order.</summary>
    public bool Reset { get; }

    public static StepResult EndByReset(EndParty party, EndPhase phase, EndCause cause) =>
        new(new EndReason(party, phase, cause), reset: true);

    public static StepResult End(EndReason reason, bool reset) => new(reason, reset);
}
