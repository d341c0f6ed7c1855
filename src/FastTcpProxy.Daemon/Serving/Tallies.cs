namespace FastTcpProxy.Daemon.Serving;

/// <summary>How reloads went since the process began. Immutable.</summary>
/// <param name="LastSuccess">When the configuration in force was put there; the start counts too.</param>
/// <param name="LastDuration">Of the last reload that succeeded; null before the first.</param>
internal sealed record ReloadTally(long Succeeded, long Failed, DateTimeOffset LastSuccess, TimeSpan? LastDuration);

/// <summary>How take-overs went in which this process took part and of which it knows the end. Immutable.</summary>
/// <param name="Succeeded">1 when this process has taken over from another; else 0.</param>
/// <param name="Failed">Take-overs by other processes after which this one continues.</param>
/// <param name="LastDuration">From the first question to the last word of the one that succeeded; null without one.</param>
internal sealed record TakeOverTally(long Succeeded, long Failed, TimeSpan? LastDuration)
{
    public static TakeOverTally None { get; } = new(0, 0, null);
}
