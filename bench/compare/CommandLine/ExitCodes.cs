namespace FastTcpProxy.Compare.CommandLine;

/// <summary>What the program's exit codes mean, as those of fasttcpproxy do. Constants, any thread.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>Something could not be measured.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;
}
