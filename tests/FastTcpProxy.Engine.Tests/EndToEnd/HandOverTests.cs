using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Tests.Transport;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>
/// One engine continues with the sockets of another: two engines stand for two processes, with descriptors of their own of the same
/// sockets.
/// </summary>
[Collection(SocketCollection.Name)]
public sealed class HandOverTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task HandOver_EveryClientIsServedAndOldSessionsGoOn(int threads)
    {
        using TempFolder folder = new("over");
        await using EchoUpstream upstream = new();
        await using EngineBed old = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint], unixPath: folder["s"]);
        using TestClient held = await TalkAsync(old.EndPoint);
        ImmutableArray<ListenerDescriptors> passed = SharedSocket.Pass(old.Engine.Listeners);
        Assert.Equal([old.EndPoint.ToString(), "unix:" + folder["s"]], passed.Select(p => p.Address));
        List<SharedSocket> watch = [.. passed.SelectMany(p => p.Descriptors).Select(d => new SharedSocket(d))];

        using (ProxyEngine next = new(new EngineOptions { Threads = threads }))
        {
            InheritedListeners inherited = new(passed);
            next.Start([Service(old, folder["s"])], inherited);
            Assert.Empty(inherited.Unused);
            // Both accept now; from the release on it is one.
            for (int i = 0; i < 10; i++) (await TalkAsync(old.EndPoint)).Dispose();
            int[] own = [.. old.Engine.Listeners.SelectMany(l => l.Descriptors)];
            string?[] sockets = [.. own.Select(FileOf)];
            old.Engine.ReleaseListeners();
            Assert.Empty(old.Engine.Listeners);
            // Until its queue is empty it takes clients, which may be those that come just then.
            await Eventually.HoldsAsync(() => own.Select(FileOf).Zip(sockets).All(f => f.First != f.Second),
                "the old one has closed its descriptors");
            long before = old.Engine.Metrics.Read().AllServices().Accepted;
            for (int i = 0; i < 50; i++) (await TalkAsync(old.EndPoint)).Dispose();
            (await TalkUnixAsync(folder["s"])).Dispose();
            Assert.Equal(before, old.Engine.Metrics.Read().AllServices().Accepted);
            Assert.InRange(next.Metrics.Read().AllServices().Accepted, 51, 61);
            await TalkAsync(held);

            // The end of the old process.
            old.Engine.Dispose();
            Assert.True(UnixSocketFile.IsSocket(folder["s"]));
            (await TalkAsync(old.EndPoint)).Dispose();
            (await TalkUnixAsync(folder["s"])).Dispose();
            Assert.All(watch, s => Assert.Equal((true, false), (s.Listens, s.ResetsAtClose)));

            next.Dispose();
            Assert.False(File.Exists(folder["s"]));
            await Eventually.EqualsAsync(0, () => next.Sessions, "no session is left");
            Assert.Null(next.Metrics.NewestFault.Fault);
        }
        watch.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task HandOver_FileOfAUnixSocketIsGone_IsBoundAnew()
    {
        using TempFolder folder = new("over");
        await using EchoUpstream upstream = new();
        await using EngineBed old = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint], unixPath: folder["s"]);
        ImmutableArray<ListenerDescriptors> passed = SharedSocket.Pass(old.Engine.Listeners);
        File.Delete(folder["s"]);

        using (ProxyEngine next = new(new EngineOptions { Threads = ModuleSetup.Threads }))
        {
            next.Start([Service(old, folder["s"])], new InheritedListeners(passed));
            old.Engine.ReleaseListeners();

            (await TalkUnixAsync(folder["s"])).Dispose();
            Assert.Empty(next.StraySockets);
            await Eventually.EqualsAsync(0, () => next.Sessions, "no session is left");
        }
    }

    /// <summary>The path of a socket that was passed may be another server's by now: its file is neither changed nor removed.</summary>
    [Fact]
    public async Task HandOver_FileOfAUnixSocketIsAnothers_StaysAndIsReported()
    {
        using TempFolder folder = new("over");
        await using EchoUpstream upstream = new();
        await using EngineBed old = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint], unixPath: folder["s"]);
        ImmutableArray<ListenerDescriptors> passed = SharedSocket.Pass(old.Engine.Listeners);
        File.Delete(folder["s"]);
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(folder["s"]));
        other.Listen(1);
        SocketPermissions before = UnixSocketFile.PermissionsOf(folder["s"]);

        using (ProxyEngine next = new(new EngineOptions { Threads = ModuleSetup.Threads }))
        {
            SocketPermissions wanted = new(UnixFileMode.UserRead | UnixFileMode.UserWrite, null);
            next.Start([new ListenPlan(old.Service, [new ListenAddress(folder["s"], wanted)])], new InheritedListeners(passed));
            old.Engine.ReleaseListeners();
            Assert.Equal(new StraySocket("unix:" + folder["s"], SocketFileState.Replaced), Assert.Single(next.StraySockets));
        }

        Assert.True(UnixSocketFile.IsServed(folder["s"]), "another server's file was removed");
        Assert.Equal(before, UnixSocketFile.PermissionsOf(folder["s"]));
    }

    [Fact]
    public async Task Release_ClientsBetweenTheTwo_WaitInTheQueue()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed old = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        ImmutableArray<ListenerDescriptors> passed = SharedSocket.Pass(old.Engine.Listeners);
        List<SharedSocket> watch = [.. passed.SelectMany(p => p.Descriptors).Select(d => new SharedSocket(d))];
        Assert.All(watch, s => Assert.True(s.IsWatched));
        old.Engine.ReleaseListeners();
        await Eventually.HoldsAsync(() => watch.TrueForAll(s => !s.IsWatched), "the runtime watches none of the sockets");
        List<TestClient> clients = [];
        for (int i = 0; i < 20; i++)
        {
            clients.Add(await TestClient.ConnectAsync(old.EndPoint));
            await clients[i].SendAsync("x");
        }
        Assert.Equal(0, old.Engine.Metrics.Read().AllServices().Accepted);

        using ProxyEngine next = new(new EngineOptions { Threads = ModuleSetup.Threads });
        next.Start([Service(old)], new InheritedListeners(passed));

        foreach (TestClient client in clients)
        {
            await client.ReceiveExactlyAsync(1);
            client.HalfClose();
            // An orderly end, no reset: the old one left nothing on the sockets that its successors inherit.
            Assert.Equal("", await client.ReceiveToEndAsync());
            client.Dispose();
        }
        watch.ForEach(s => s.Dispose());
        next.Dispose();
        await Eventually.EqualsAsync(0, () => next.Sessions, "no session is left");
    }

    /// <summary>A service manager continues to hold the socket when the program stops, and gives it to the next one.</summary>
    [Fact]
    public async Task StopAccepting_SocketOfAServiceManager_StaysUsable()
    {
        using TempFolder folder = new("over");
        await using EchoUpstream upstream = new();
        using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        tcp.Listen(16);
        using Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unix.Bind(new UnixDomainSocketEndPoint(folder["s"]));
        unix.Listen(16);
        IPEndPoint endPoint = (IPEndPoint)tcp.LocalEndPoint!;
        ServiceDefinition service = new()
        {
            Name = "s", Upstreams = [new UpstreamDefinition("u", HeaderMode.Raw, [new UpstreamAddress(upstream.EndPoint)])],
        };
        for (int round = 0; round < 3; round++)
        {
            using ProxyEngine engine = new(new EngineOptions { Threads = ModuleSetup.Threads });
            // The service manager's own descriptors stay open.
            ImmutableArray<ListenerDescriptors> passed = SharedSocket.Pass(
            [
                new ListenerDescriptors(endPoint.ToString(), [(int)tcp.SafeHandle.DangerousGetHandle()]) { KeepsFile = true },
                new ListenerDescriptors("unix:" + folder["s"], [(int)unix.SafeHandle.DangerousGetHandle()]) { KeepsFile = true },
            ]);
            engine.Start([new ListenPlan(new ServiceState(service), [new ListenAddress(endPoint), new ListenAddress(folder["s"])])],
                new InheritedListeners(passed));
            Assert.Equal(2, engine.Listeners.Length);
            Assert.All(engine.Listeners, l => Assert.Single(l.Descriptors));
            for (int i = 0; i < 10; i++)
            {
                (await TalkAsync(endPoint)).Dispose();
                (await TalkUnixAsync(folder["s"])).Dispose();
            }
            engine.Dispose();
            Assert.True(UnixSocketFile.IsSocket(folder["s"]));
            await Eventually.EqualsAsync(0, () => engine.Sessions, "no session is left");
            Assert.Equal((20L, 0L), (engine.Metrics.Read().AllServices().Accepted, engine.Metrics.ReadLoops().ListenersLost));
        }
    }

    [Fact]
    public void Start_InheritedThatNobodyAsksFor_IsClosedAndNamed()
    {
        ServiceState service = new(new ServiceDefinition { Name = "s", Upstreams = [] });
        IPEndPoint left = FreePort.Loopback(), other = FreePort.Loopback();
        using ProxyEngine old = new(new EngineOptions { Threads = ModuleSetup.Threads });
        old.Start([new ListenPlan(service, [new ListenAddress(left)])]);
        ImmutableArray<ListenerDescriptors> passed = SharedSocket.Pass(old.Listeners);
        InheritedListeners inherited = new(passed);
        using ProxyEngine next = new(new EngineOptions { Threads = ModuleSetup.Threads });
        next.Start([new ListenPlan(service, [new ListenAddress(other)])], inherited);
        Assert.Equal(left.ToString(), Assert.Single(inherited.Unused).Address);
        // Their numbers may be others' by now, but not listeners at that address.
        Assert.All(passed[0].Descriptors, d => Assert.NotEqual(left.ToString(), InheritedListeners.Describe(d).Address));
        Assert.True(ListeningSockets.Covers(left));
    }

    private static ListenPlan Service(EngineBed bed, string? unixPath = null) =>
        new(new ServiceState(bed.Service.Definition),
            [new ListenAddress(bed.EndPoint), .. unixPath is null ? [] : new[] { new ListenAddress(unixPath) }]);

    private static async Task<TestClient> TalkAsync(IPEndPoint endPoint)
    {
        TestClient client = await TestClient.ConnectAsync(endPoint);
        await TalkAsync(client);
        return client;
    }

    private static async Task<TestClient> TalkUnixAsync(string path)
    {
        Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unix.Connect(new UnixDomainSocketEndPoint(path));
        TestClient client = TestClient.Take(unix);
        await TalkAsync(client);
        return client;
    }

    private static string? FileOf(int descriptor) => new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget;

    private static async Task TalkAsync(TestClient client)
    {
        await client.SendAsync("x");
        await client.ReceiveExactlyAsync(1);
    }
}
