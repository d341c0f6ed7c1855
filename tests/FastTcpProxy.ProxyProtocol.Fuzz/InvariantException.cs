namespace FastTcpProxy.ProxyProtocol.Fuzz;

/// <summary>The codec broke a promise on some input. Immutable.</summary>
public sealed class InvariantException(string message) : Exception(message);
