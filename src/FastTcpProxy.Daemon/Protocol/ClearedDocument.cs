namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to a change that has ended an override or an order and leaves no upstream up; where one is up the answer is null. Immutable.</summary>
/// <param name="Warning">What the service is left with, for people.</param>
internal sealed record ClearedDocument(string Warning);
