namespace FastTcpProxy.NoLoss.Load;

/// <summary>What became of a connection.</summary>
internal enum Fate : byte
{
    /// <summary>It was answered, and ended in order.</summary>
    Served,

    /// <summary>Nobody took it.</summary>
    Refused,

    /// <summary>It was reset, or ended before its answer was whole.</summary>
    Reset,

    /// <summary>It had no answer in time.</summary>
    Hung,

    /// <summary>The answer was not what had been sent.</summary>
    Wrong,
}
