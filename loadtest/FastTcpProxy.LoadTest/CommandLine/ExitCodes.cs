namespace FastTcpProxy.LoadTest.CommandLine;

/// <summary>What the program ends with.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>A scenario could not be run here.</summary>
    public const int Failed = 1;

    public const int WrongCommandLine = 2;

    /// <summary>A threshold is breached.</summary>
    public const int Breached = 3;
}
