namespace FastTcpProxy.Compare.Contestants;

/// <summary>A proxy that takes part. Immutable, any thread.</summary>
/// <param name="Name">Unique in a run; what tables and errors call it.</param>
/// <param name="Executable">An absolute path; a file ending in .dll is run by <c>dotnet</c>.</param>
/// <param name="Version">As it says itself, in one line.</param>
/// <param name="IsJustInTime">It compiles itself while it runs, so it is warmed up for longer.</param>
public sealed record Contestant(string Name, ContestantKind Kind, string Executable, string Version, bool IsJustInTime)
{
    /// <summary>Keys of its service, as JSON members; empty: none. A second upstream is listed then, for the keys that need one.</summary>
    public string Keys { get; init; } = "";

    /// <summary>It is HAProxy told to splice, which is of interest for streams only.</summary>
    public bool IsForStreamsOnly => Kind == ContestantKind.HAProxySplice;
}

/// <summary>A contestant that was asked for and is not installed.</summary>
/// <param name="Reason">What was looked for, and how to get it.</param>
public sealed record AbsentContestant(string Name, string Reason);
