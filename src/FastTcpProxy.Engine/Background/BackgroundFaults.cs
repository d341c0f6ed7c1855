namespace FastTcpProxy.Engine.Background;

/// <summary>How often one kind of background work has failed by a defect. Immutable.</summary>
/// <param name="Name">Of the work.</param>
/// <param name="Count">Since the start.</param>
/// <param name="Last">The last defect.</param>
/// <param name="LastAt">When that was.</param>
public sealed record BackgroundFaults(string Name, long Count, Exception Last, DateTimeOffset LastAt);
