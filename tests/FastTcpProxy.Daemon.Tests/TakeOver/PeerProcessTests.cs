using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>A process that is known by a descriptor.</summary>
public sealed class PeerProcessTests
{
    /// <summary>The number of the descriptor may be another file's by the second time.</summary>
    [Fact]
    public void Dispose_Twice_HoldsNoDescriptorAfterTheFirst()
    {
        PeerProcess own = new(Environment.ProcessId);
        Assert.True(own.IsVisible);

        own.Dispose();

        Assert.False(own.IsVisible);
        own.Dispose();
    }
}
