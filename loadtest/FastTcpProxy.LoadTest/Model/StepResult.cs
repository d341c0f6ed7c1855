namespace FastTcpProxy.LoadTest.Model;

/// <summary>What became of a step.</summary>
public enum Fate : byte
{
    /// <summary>It was answered by the first upstream, and ended in order.</summary>
    Served,

    /// <summary>The same, by another upstream.</summary>
    FailedOver,

    /// <summary>No one took it.</summary>
    Refused,

    /// <summary>It was reset, or ended before its answer was whole.</summary>
    Reset,

    /// <summary>It had no answer in time.</summary>
    Hung,

    /// <summary>The answer was not what had been sent.</summary>
    Wrong,

    /// <summary>The load itself could not begin it: it counts as an error, and is none of the proxy's.</summary>
    NotBegun,
}

/// <summary>The end of a step. Immutable.</summary>
/// <param name="Bytes">What was carried, both ways.</param>
public readonly record struct StepResult(Fate Fate, long Bytes = 0)
{
    /// <summary>Whether the client got what it wanted.</summary>
    public bool IsOk => Fate is Fate.Served or Fate.FailedOver;
}
