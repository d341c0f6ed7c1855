using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Tests.Transport;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>Listening addresses that come, go and stay while the engine runs, on real sockets.</summary>
[Collection(SocketCollection.Name)]
public sealed class ListenerChangeTests
{
    [Fact]
    public async Task Commit_AddedAndRemoved_SessionsGoOnAndWhatStaysIsNotTouched()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        IPEndPoint leaves = FreePort.Loopback(), comes = FreePort.Loopback();
        Change(bed, Listens(bed.Service, bed.EndPoint, leaves));
        ImmutableArray<int> stays = bed.Engine.Listeners.Single(l => l.Address == bed.EndPoint.ToString()).Descriptors;
        using TestClient old = await TalkAsync(leaves);

        using (ListenerChange change = bed.Engine.Prepare([Listens(bed.Service, bed.EndPoint, comes)]))
        {
            Assert.Equal([comes.ToString()], change.Added.Select(a => a.Text));
            Assert.Equal([leaves.ToString()], change.Removed.Select(a => a.Text));
            bed.Engine.Commit(change, resetRemoved: false);
        }

        using TestClient atNew = await TalkAsync(comes);
        using TestClient atOld = await TalkAsync(bed.EndPoint);
        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(leaves), "the removed address is free");
        await TalkAsync(old);
        Assert.Equal(stays, bed.Engine.Listeners.Single(l => l.Address == bed.EndPoint.ToString()).Descriptors);
        Assert.Equal(2, bed.Engine.Listeners.Length);
    }

    [Fact]
    public async Task Commit_ResetRemoved_EndsTheSessionsThatCameThroughThoseAndNoOthers()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        IPEndPoint leaves = FreePort.Loopback();
        Change(bed, Listens(bed.Service, bed.EndPoint, leaves));
        List<TestClient> gone = [], left = [];
        for (int i = 0; i < 8; i++)
        {
            gone.Add(await TalkAsync(leaves));
            left.Add(await TalkAsync(bed.EndPoint));
        }

        Change(bed, resetRemoved: true, Listens(bed.Service, bed.EndPoint));

        foreach (TestClient client in gone)
        {
            Assert.Equal(SocketError.ConnectionReset,
                (await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync())).SocketErrorCode);
            client.Dispose();
        }
        foreach (TestClient client in left)
        {
            await TalkAsync(client);
            client.Dispose();
        }
        List<string> reasons = [];
        for (int i = 0; i < 8; i++)
        {
            SessionRecord record = await bed.NextRecordAsync();
            if (record.Listener == leaves.ToString()) reasons.Add(record.Reason.ToString());
            else i--;
        }
        Assert.All(reasons, r => Assert.Equal("operator.relay.listenerRemoved", r));
    }

    [Fact]
    public async Task Commit_AddressOfAnotherService_NextClientIsItsAndTheSocketStays()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        ServiceState other = new(bed.Service.Definition with { Name = "other" });
        ImmutableArray<int> before = bed.Engine.Listeners.Single().Descriptors;
        using TestClient old = await TalkAsync(bed.EndPoint);

        Change(bed, Listens(other, bed.EndPoint));

        using TestClient next = await TalkAsync(bed.EndPoint);
        Assert.Equal((1, 1), (bed.Service.Sessions.Current, other.Sessions.Current));
        Assert.Equal(before, bed.Engine.Listeners.Single().Descriptors);
        await TalkAsync(old);
    }

    [Fact]
    public async Task Prepare_OneAddressInUse_NothingHasHappened()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        using Socket rival = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        rival.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        rival.Listen(1);
        IPEndPoint free = FreePort.Loopback();
        ImmutableArray<int> before = bed.Engine.Listeners.Single().Descriptors;

        BindException e =
            Assert.Throws<BindException>(() => bed.Engine.Prepare([Listens(bed.Service, free, (IPEndPoint)rival.LocalEndPoint!)]));

        Assert.Contains(rival.LocalEndPoint!.ToString()!, e.Message);
        Assert.False(ListeningSockets.Covers(free));
        using TestClient client = await TalkAsync(bed.EndPoint);
        Assert.Equal(before, bed.Engine.Listeners.Single().Descriptors);
    }

    [Fact]
    public async Task Prepare_GivenUp_ReleasesWhatItBound()
    {
        using TempFolder folder = new("change");
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, []);
        IPEndPoint added = FreePort.Loopback();
        using (bed.Engine.Prepare([new ListenPlan(bed.Service, [new ListenAddress(added), new ListenAddress(folder["s"])])]))
        {
            Assert.True(ListeningSockets.Covers(added));
            Assert.True(UnixSocketFile.IsSocket(folder["s"]));
        }
        Assert.False(ListeningSockets.Covers(added));
        Assert.False(File.Exists(folder["s"]));
        Assert.True(ListeningSockets.Covers(bed.EndPoint));
    }

    [Fact]
    public async Task Commit_TwiceOrOutOfDate_IsRefused()
    {
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, []);
        ListenPlan service = Listens(bed.Service, bed.EndPoint);
        using ListenerChange first = bed.Engine.Prepare([service]);
        using ListenerChange second = bed.Engine.Prepare([service]);
        bed.Engine.Commit(first, resetRemoved: false);
        Assert.Throws<InvalidOperationException>(() => bed.Engine.Commit(first, resetRemoved: false));
        Assert.Throws<InvalidOperationException>(() => bed.Engine.Commit(second, resetRemoved: false));
    }

    /// <summary>
    /// Addresses that could not be bound beside each other by two processes are exchanged, and back, without a moment in which no one
    /// listens.
    /// </summary>
    [Theory]
    [InlineData("127.0.0.1", true, "0.0.0.0", true)]
    [InlineData("0.0.0.0", true, "::", true)]
    [InlineData("::", true, "::", false)]
    public async Task Commit_AddressThatOverlapsTheOld_TakesItsPlace(string from, bool fromDual, string to, bool toDual)
    {
        await using EchoUpstream upstream = new();
        int port = FreePort.Next();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        foreach (int threads in (int[])[1, 2])
        {
            using ProxyEngine engine = new(new EngineOptions { Threads = threads });
            ListenPlan a = At(bed.Service, from, fromDual), b = At(bed.Service, to, toDual);
            engine.Start([a]);
            foreach (ListenPlan next in (ListenPlan[])[b, a, b])
            {
                using ListenerChange change = engine.Prepare([next]);
                Assert.Single(change.Added);
                engine.Commit(change, resetRemoved: false);
                Assert.Equal(next.Listen.Single().Text, engine.Listeners.Single().Address);
                IPAddress reach = next.Listen[0].EndPoint is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 }
                    ? IPAddress.IPv6Loopback
                    : IPAddress.Loopback;
                using TestClient client = await TalkAsync(new IPEndPoint(reach, port));
            }
            engine.Dispose();
            await Eventually.EqualsAsync(0, () => engine.Sessions, "no session is left");
        }

        ListenPlan At(ServiceState service, string address, bool dual) =>
            new(service, [new ListenAddress(new IPEndPoint(IPAddress.Parse(address), port), dual)]);
    }

    [Fact]
    public async Task Commit_UnixSocketRemovedAndAddedAgain_FileFollows()
    {
        using TempFolder folder = new("change");
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint], unixPath: folder["s"]);
        ListenPlan with = new(bed.Service, [new ListenAddress(bed.EndPoint), new ListenAddress(folder["s"])]);
        for (int round = 0; round < 3; round++)
        {
            Change(bed, Listens(bed.Service, bed.EndPoint));
            Assert.False(File.Exists(folder["s"]));
            Change(bed, with);
            using Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            unix.Connect(new UnixDomainSocketEndPoint(folder["s"]));
            using TestClient client = TestClient.Take(unix);
            await TalkAsync(client);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_FileOfAUnixSocketIsGone_IsSeenAndBoundAnew(bool wasReplaced)
    {
        using TempFolder folder = new("change");
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint], unixPath: folder["s"]);
        ListenPlan same = new(bed.Service, [new ListenAddress(bed.EndPoint), new ListenAddress(folder["s"])]);
        Assert.Empty(bed.Engine.StraySockets);
        File.Delete(folder["s"]);
        if (wasReplaced)
        {
            folder.Write("s", "of someone");
            Assert.Equal(new StraySocket("unix:" + folder["s"], SocketFileState.Replaced), Assert.Single(bed.Engine.StraySockets));
            using (ListenerChange none = bed.Engine.Prepare([same])) Assert.Empty(none.Added);
            Assert.Equal("of someone", File.ReadAllText(folder["s"]));
            File.Delete(folder["s"]);
        }
        Assert.Equal(new StraySocket("unix:" + folder["s"], SocketFileState.Gone), Assert.Single(bed.Engine.StraySockets));

        using (ListenerChange change = bed.Engine.Prepare([same]))
        {
            Assert.Equal(["unix:" + folder["s"]], change.Added.Select(a => a.Text));
            bed.Engine.Commit(change, resetRemoved: false);
        }

        Assert.Empty(bed.Engine.StraySockets);
        using Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unix.Connect(new UnixDomainSocketEndPoint(folder["s"]));
        using TestClient client = TestClient.Take(unix);
        await TalkAsync(client);
    }

    /// <summary>Clients that connect while addresses come and go: a client that is connected is served.</summary>
    [Fact]
    public async Task Commit_UnderClients_WhatStaysLosesNone()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        IPEndPoint other = FreePort.Loopback();
        Task[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++) (await TalkAsync(bed.EndPoint)).Dispose();
        }))];
        Task all = Task.WhenAll(clients);
        int changes = 0;
        while (!all.IsCompleted)
        {
            Change(bed, changes++ % 2 == 0 ? Listens(bed.Service, bed.EndPoint, other) : Listens(bed.Service, bed.EndPoint));
            await Task.Yield();
        }
        await all;
        Assert.True(changes > 2, "nothing changed meanwhile");
        Assert.Equal(400, bed.Engine.Metrics.Read().AllServices().Accepted);
    }

    private static ListenPlan Listens(ServiceState service, params IPEndPoint[] endPoints) =>
        new(service, [.. endPoints.Select(e => new ListenAddress(e))]);

    private static void Change(EngineBed bed, params ListenPlan[] services) => Change(bed, resetRemoved: false, services);

    private static void Change(EngineBed bed, bool resetRemoved, params ListenPlan[] services)
    {
        using ListenerChange change = bed.Engine.Prepare(services);
        bed.Engine.Commit(change, resetRemoved);
    }

    private static async Task<TestClient> TalkAsync(IPEndPoint endPoint)
    {
        TestClient client = await TestClient.ConnectAsync(endPoint);
        await TalkAsync(client);
        return client;
    }

    private static async Task TalkAsync(TestClient client)
    {
        await client.SendAsync("x");
        await client.ReceiveExactlyAsync(1);
    }
}
