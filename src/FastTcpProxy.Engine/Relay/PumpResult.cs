namespace FastTcpProxy.Engine.Relay;

/// <summary>Why a direction stopped pumping.</summary>
internal enum PumpResult : byte
{
    /// <summary>An operation in flight will call; nothing to do until then.</summary>
    Waiting,

    /// <summary>There is more to do, but others have their turn first.</summary>
    BudgetSpent,

    /// <summary>No buffer is free; pump again when one has come back.</summary>
    Starved,

    /// <summary>The source was reported readable again and again, and was not; poll it again after a while.</summary>
    Misled,

    /// <summary>The source has ended and the target was told so.</summary>
    Ended,

    /// <summary>The source's connection broke.</summary>
    SourceFailed,

    /// <summary>The target's connection broke.</summary>
    TargetFailed,
}
