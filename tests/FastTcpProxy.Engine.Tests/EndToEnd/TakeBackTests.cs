using System.Collections.Immutable;
using System.Net.Sockets;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Tests.Transport;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>
/// A hand-over that comes to nothing: the one takes its sockets back, the other gives up what it was given, and clients notice neither.
/// </summary>
[Collection(SocketCollection.Name)]
public sealed class TakeBackTests
{
    /// <summary>An engine stops and continues with duplicates of its own sockets: those who came in between wait, and are served.</summary>
    [Fact]
    public async Task ReleaseAndStartAgain_WithKeptDuplicates_ServesWhoCameMeanwhile()
    {
        using TempFolder folder = new("back");
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint], unixPath: folder["s"]);
        for (int round = 0; round < 5; round++)
        {
            ImmutableArray<ListenerDescriptors> kept = SharedSocket.Pass(bed.Engine.Listeners);
            bed.Engine.ReleaseListeners();
            using TestClient early = await bed.ConnectAsync();
            await early.SendAsync("x");

            using (ListenerChange change =
                bed.Engine.Prepare([Service(bed, folder["s"])], new InheritedListeners(kept) { SharesWhatIsLeft = true }))
                bed.Engine.Commit(change, resetRemoved: false);

            await early.ReceiveExactlyAsync(1);
            early.HalfClose();
            Assert.Equal("", await early.ReceiveToEndAsync());
            Assert.Equal([bed.EndPoint.ToString(), "unix:" + folder["s"]], bed.Engine.Listeners.Select(l => l.Address));
            Assert.True(UnixSocketFile.IsServed(folder["s"]));
        }
    }

    /// <summary>
    /// One of the addresses cannot be had, so nothing of what was given is used; the process that gave it continues with it.
    /// </summary>
    [Fact]
    public async Task Prepare_FailsWithInheritedSockets_LeavesThemAsTheyWere()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed old = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        using SharedSocket watch = new(SharedSocket.Pass(old.Engine.Listeners)[0].Descriptors[0]);
        using TcpListener rival = new(System.Net.IPAddress.Loopback, 0);
        rival.Start();
        using ProxyEngine next = new(new EngineOptions { Threads = ModuleSetup.Threads });
        ListenPlan wanted = Service(old, null)
            with { Listen = [new ListenAddress(old.EndPoint), new ListenAddress((System.Net.IPEndPoint)rival.LocalEndpoint)] };

        Assert.Throws<BindException>(() => next.Start([wanted], new InheritedListeners(SharedSocket.Pass(old.Engine.Listeners))));

        Assert.Equal((true, false), (watch.Listens, watch.ResetsAtClose));
        using TestClient client = await old.ConnectAsync();
        await client.SendAsync("x");
        client.HalfClose();
        Assert.Equal("x", await client.ReceiveToEndAsync());
    }

    /// <summary>What it has bound itself goes, with its file; what it was given stays as it is.</summary>
    [Fact]
    public async Task GiveBack_OwnListenersGoWithTheirFiles_InheritedOnesStay()
    {
        using TempFolder folder = new("back");
        await using EchoUpstream upstream = new();
        await using EngineBed old = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint], unixPath: folder["s"]);
        using ProxyEngine next = new(new EngineOptions { Threads = ModuleSetup.Threads });
        ListenPlan wanted = Service(old, folder["s"]);
        next.Start([wanted with { Listen = wanted.Listen.Add(new ListenAddress(folder["own"])) }],
            new InheritedListeners(SharedSocket.Pass(old.Engine.Listeners)));
        Assert.True(UnixSocketFile.IsServed(folder["own"]));

        next.GiveBackListeners();

        await Eventually.HoldsAsync(() => next.Listeners.IsEmpty, "it listens nowhere");
        Assert.False(File.Exists(folder["own"]));
        Assert.True(UnixSocketFile.IsServed(folder["s"]));
        using TestClient client = await old.ConnectAsync();
        await client.SendAsync("x");
        client.HalfClose();
        Assert.Equal("x", await client.ReceiveToEndAsync());
    }

    /// <summary>
    /// It has let go of what it passed, and died when it was about to close it: who has it now hears clients. What a service manager has
    /// passed is still that one's: it must not become deaf when the program leaves it.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClaimListeners_WhatWasPassed_IsItsOwnButForAServiceManagers(bool isServiceManagers)
    {
        await using EchoUpstream upstream = new();
        await using EngineBed old = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        using SharedSocket watch = new(old.Engine.Listeners[0].Descriptors[0]);
        ImmutableArray<ListenerDescriptors> passed =
            [.. SharedSocket.Pass(old.Engine.Listeners).Select(l => l with { KeepsFile = isServiceManagers })];
        if (!isServiceManagers) passed[0].Descriptors.ToList().ForEach(NativeListener.LetNoHandshakeBegin);
        using ProxyEngine next = new(new EngineOptions { Threads = ModuleSetup.Threads });
        next.Start([Service(old, null)], new InheritedListeners(passed));
        old.Engine.ReleaseListeners();
        (await TestClient.ConnectAsync(old.EndPoint)).Dispose();

        next.ClaimListeners();

        Assert.All(next.Listeners, l => Assert.Equal(!isServiceManagers, l.IsOwn));
        using (ListenerChange change = next.Prepare([])) next.Commit(change, resetRemoved: false);
        await Eventually.HoldsAsync(() => watch.IsDeaf == !isServiceManagers, "handshakes end with the listener if it is its own");
    }

    private static ListenPlan Service(EngineBed bed, string? unixPath) =>
        new(bed.Service, [new ListenAddress(bed.EndPoint), .. unixPath is null ? [] : new[] { new ListenAddress(unixPath) }]);
}
