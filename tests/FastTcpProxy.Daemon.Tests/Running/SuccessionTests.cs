using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>The running process's part of a hand-over, without the other process.</summary>
public sealed class SuccessionTests
{
    /// <summary>
    /// A defect in place of an address that cannot be had: the answer for the other process is the same, and reloads continue.
    /// </summary>
    [Fact]
    public async Task Withdraw_ListeningAgainThrows_SaysThatItListensNoMore()
    {
        using TempFolder folder = new("succession");
        await using ReloadBed bed =
            await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("a", [FreePort.Loopback()], FreePort.Loopback())));
        await using AdminServer admin = await AdminServer.StartAsync(folder["admin.sock"], [], TimeProvider.System, NullLogger.Instance);
        using Succession succession = new(bed.Proxy, bed.Reload, isActivated: false, bed.Log)
        {
            Listen = kept =>
            {
                ListenerDuplicates.Close(kept);
                throw new InvalidOperationException("out of date");
            },
        };
        succession.Await(folder["admin.sock"], admin);
        succession.Offer().Dispose();
        succession.Release();

        Assert.False(succession.Withdraw());

        Assert.True(bed.HasLogged("InvalidOperationException: out of date, a defect, please report it"));
        bed.Reload.Between(() => { });
    }

    /// <summary>
    /// What it has bound itself is its own again: it may stop handshakes there before it closes, so that no client is reset, and it does
    /// not leave the sockets to a process that has gone.
    /// </summary>
    [Fact]
    public async Task Withdraw_ListenersAreTakenBack_AsItsOwn()
    {
        using TempFolder folder = new("succession");
        await using ReloadBed bed =
            await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("a", [FreePort.Loopback()], FreePort.Loopback())));
        await using AdminServer admin = await AdminServer.StartAsync(folder["admin.sock"], [], TimeProvider.System, NullLogger.Instance);
        using Succession succession = new(bed.Proxy, bed.Reload, isActivated: false, bed.Log);
        succession.Await(folder["admin.sock"], admin);
        succession.Offer().Dispose();
        succession.Release();

        Assert.True(succession.Withdraw());

        Assert.NotEmpty(bed.Proxy.Engine.Listeners);
        Assert.All(bed.Proxy.Engine.Listeners, l => Assert.True(l.IsOwn, l.Address));
    }
}
