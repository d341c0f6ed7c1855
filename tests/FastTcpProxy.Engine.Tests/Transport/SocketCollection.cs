namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>
/// The tests that use real sockets: one after another, as they count the descriptors of the process and measure times.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SocketCollection
{
    public const string Name = "sockets";
}
