namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>Who connected a UNIX socket (SO_PEERCRED, unix(7)): the kernel's word, at the time of the connect. Immutable.</summary>
/// <param name="ProcessId">0 where it is in another PID namespace.</param>
/// <param name="User">The effective user.</param>
internal readonly record struct PeerCredentials(int ProcessId, uint User);
