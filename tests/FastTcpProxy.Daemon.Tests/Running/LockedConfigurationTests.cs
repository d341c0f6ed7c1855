using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>Locks of others (flock(2)) on the configuration, as a deployment that holds one while it calls for the reload.</summary>
public sealed class LockedConfigurationTests
{
    [Fact]
    public async Task Hangup_WhileAnotherProcessHasTheFileLocked_Reloads()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback(), second = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint));
        await File.WriteAllTextAsync(proxy.ConfigurationPath, Given.Service(second, upstream.EndPoint),
            TestContext.Current.CancellationToken);
        // Which the framework does by an exclusive lock.
        using FileStream locked = new(proxy.ConfigurationPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        proxy.Child.Signal(UnixSignal.Hangup);

        await Eventually.HoldsAsync(() => ListeningSockets.Covers(second), "the new file is in force");
        Assert.Equal(0, await proxy.StopAsync());
    }
}
