namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>A take-over that did not come about. The message is for the operator: what failed, and what was expected. Both processes are as before.</summary>
internal sealed class TakeOverException(string message, Exception? inner = null) : Exception(message, inner);
