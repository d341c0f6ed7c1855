namespace FastTcpProxy.Control.Explain;

/// <summary>What of the process decides over a client. Immutable.</summary>
/// <param name="IsListening">Not before it serves, and not any more when it drains.</param>
/// <param name="Sessions">Of all services.</param>
/// <param name="SessionsMax">Beyond this clients are refused; 0: no limit.</param>
/// <param name="Capacity">What descriptors allow: at this many sessions clients wait.</param>
public sealed record ProcessSnapshot(bool IsListening, int Sessions, int SessionsMax, int Capacity);
