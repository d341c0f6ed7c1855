namespace FastTcpProxy.Compare.Tests;

/// <summary>Tests that look for free ports and take them a moment later: one after the other, so that no two take the same.</summary>
[CollectionDefinition(Name)]
public sealed class PortsCollection
{
    public const string Name = "ports";
}
