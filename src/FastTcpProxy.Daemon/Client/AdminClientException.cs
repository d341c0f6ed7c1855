namespace FastTcpProxy.Daemon.Client;

/// <summary>The running proxy could not be asked. The message names the socket, what went wrong, and what to do.</summary>
internal sealed class AdminClientException(string message, Exception? inner = null) : Exception(message, inner);
