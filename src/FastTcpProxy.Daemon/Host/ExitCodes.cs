namespace FastTcpProxy.Daemon.Host;

/// <summary>What the program's exit codes mean. Constants, any thread.</summary>
internal static class ExitCodes
{
    /// <summary>It did what was asked; for <c>run</c>: it was told to end, and drained.</summary>
    public const int Ok = 0;

    /// <summary>It could not; for <c>run</c> also: a second signal ended it before the sessions had.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>
    /// It was asked, and the proxy is not ready (<c>status</c>), or could not start on this machine (<c>check --machine</c>), or
    /// sessions are left when the time is over (<c>upstream drain --wait</c>).
    /// </summary>
    public const int NotReady = 3;

    /// <summary>
    /// It was asked, and the proxy serves, but sends the clients of a service to upstreams that are all down (<c>status</c>).
    /// </summary>
    public const int Degraded = 4;
}
