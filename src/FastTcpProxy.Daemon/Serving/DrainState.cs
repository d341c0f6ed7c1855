namespace FastTcpProxy.Daemon.Serving;

/// <summary>That the process takes no clients any more. Immutable.</summary>
/// <param name="Since">Since when; a later request changes the rest, and not this.</param>
/// <param name="Cause">For whom, or why, for people.</param>
/// <param name="Until">When sessions that are left are reset; null: they may go on.</param>
/// <param name="Successor">The process that has taken over; null: none has, or it cannot be seen.</param>
internal sealed record DrainState(DateTimeOffset Since, string Cause, DateTimeOffset? Until, int? Successor);
