namespace FastTcpProxy.Daemon.Serving;

/// <summary>What is known of the last reload. How many there were is counted by the engine, which passes it on. Immutable.</summary>
/// <param name="LastSuccess">When the configuration in force was put there; the start counts too.</param>
/// <param name="LastDuration">Of the last reload that succeeded; null before the first.</param>
internal sealed record ReloadTally(DateTimeOffset LastSuccess, TimeSpan? LastDuration);
