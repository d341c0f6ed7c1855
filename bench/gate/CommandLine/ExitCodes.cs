namespace FastTcpProxy.Gate.CommandLine;

/// <summary>What the program's exit codes mean. Constants, any thread.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>No verdict: a build failed, a tool is missing, the machine was too busy.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The head takes more than the base.</summary>
    public const int Regression = 3;
}
