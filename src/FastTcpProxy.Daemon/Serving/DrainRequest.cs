namespace FastTcpProxy.Daemon.Serving;

/// <summary>Somebody wants the process to end when its sessions have. Immutable.</summary>
/// <param name="Cause">Who or what: a signal, an operator.</param>
/// <param name="Timeout">How long sessions may go on; null: <c>engine.drainTimeout</c>.</param>
internal sealed record DrainRequest(string Cause, TimeSpan? Timeout);
