using System.Collections.Immutable;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>The running proxy could not be asked, or refused. The message says what went wrong, and what to do.</summary>
internal class AdminClientException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether there is no socket, or one that no process serves.</summary>
    public bool NoServer { get; init; }
}

/// <summary>The running proxy answered that it does not do this.</summary>
internal sealed class AdminRefusedException(string message, int status, ProblemDocument? problem) : AdminClientException(message)
{
    /// <summary>The status code.</summary>
    public int Status { get; } = status;

    /// <summary>Why, in its words; null where it did not say.</summary>
    public ProblemDocument? Problem { get; } = problem;

    /// <summary>The names that the request was about, one of which may be unknown; null: it was about none.</summary>
    public (string? Service, ImmutableArray<string> Upstreams)? Names { get; init; }
}
