namespace FastTcpProxy.Engine.Outcomes;

/// <summary>The rows of <see cref="FailureTable"/>.</summary>
public enum FailureKind : byte
{
    None,
    Refused,
    Reset,
    TimedOut,
    QueueFull,
    Unreachable,
    Unresolved,
    NoLocalPort,
    NoDescriptor,
    NoMemory,
    Other,
    Abandoned,
    Superseded,
    Broken,
}

/// <summary>Who is at fault.</summary>
public enum FaultSide : byte
{
    None,

    /// <summary>The other end of the connection: the upstream of a connect, the client or the upstream of a session.</summary>
    Peer,

    /// <summary>This machine lacks something. It says nothing about the peer.</summary>
    ThisMachine,
}

/// <summary>What a connect that failed is followed by.</summary>
public enum NextStep : byte
{
    /// <summary>The next address of the list.</summary>
    NextAddress,

    /// <summary>The same address from the next source address, and without one the next address of the list.</summary>
    NextSource,

    /// <summary>The same connect a little later, within the connect timeout.</summary>
    SameAgain,

    /// <summary>Nothing.</summary>
    Stop,
}

/// <summary>One row of <see cref="FailureTable"/>. Immutable.</summary>
/// <param name="Kind">Which row.</param>
/// <param name="Outcome">How the attempt is recorded.</param>
/// <param name="Cause">Why the session closes, if it closes for this.</param>
/// <param name="Fault">Who is at fault.</param>
/// <param name="Next">What follows a connect.</param>
public sealed record Failure(FailureKind Kind, AttemptOutcome Outcome, EndCause Cause, FaultSide Fault, NextStep Next)
{
    /// <summary>Whether this machine lacked something: an upstream is not held to it, and a check that meets it is unknown.</summary>
    public bool IsOwnLack => Fault == FaultSide.ThisMachine;

    /// <summary>
    /// What the list has failed for when this attempt follows others. The last attempt says it, but a lack of this machine stays: as long
    /// as one upstream was not asked, the upstreams have not failed the client.
    /// </summary>
    /// <param name="before">What it has failed for until now; null: this is the first attempt.</param>
    internal Failure After(Failure? before) => before is { IsOwnLack: true } && !IsOwnLack ? before : this;

    /// <summary>The reason of a session that closes for this.</summary>
    /// <param name="peer">The other end of the connection.</param>
    internal EndReason ToReason(EndParty peer, EndPhase phase) => new(IsOwnLack ? EndParty.Proxy : peer, phase, Cause);
}
