namespace FastTcpProxy.Daemon.Tests.Load;

/// <summary>Tests that load the machine run one after another, and beside no other test of this project.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoadCollection
{
    public const string Name = "load";
}
