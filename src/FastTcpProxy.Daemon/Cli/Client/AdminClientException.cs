namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>The running proxy could not be asked, or did not do what was asked. The message names what went wrong, and what to do.</summary>
internal class AdminClientException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether there is no socket, or one that no process serves.</summary>
    public bool NobodyThere { get; init; }
}
