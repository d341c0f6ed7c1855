namespace FastTcpProxy.Gate.CommandLine;

/// <summary>A folder for copies of revisions, deleted at the end.</summary>
internal sealed class BuildFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fasttcpproxy-gate-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
