namespace FastTcpProxy.Engine.Outcomes;

/// <summary>What became of a second attempt beside a first one, or why there was none.</summary>
public enum HedgeResult : byte
{
    /// <summary>The client was proxied over it.</summary>
    Won,

    /// <summary>The first one was answered after all.</summary>
    Lost,

    /// <summary>It failed, and so did all behind it; the first one was left.</summary>
    Failed,

    /// <summary>The first one failed before it, or gave way to another.</summary>
    Promoted,

    /// <summary>The client went away, or the process ended, before either was answered.</summary>
    Abandoned,

    /// <summary>None was made: the budget was used up. Asked again after the same delay.</summary>
    NoBudget,

    /// <summary>None was made: there are as many second attempts as there may be.</summary>
    NoRoom,
}
