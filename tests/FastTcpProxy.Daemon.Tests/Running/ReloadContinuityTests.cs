using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>What continues over a reload, and for whom what is new holds: sessions, sockets, health, names, limits, overrides.</summary>
public sealed class ReloadContinuityTests : IAsyncDisposable
{
    private readonly EchoUpstream _a = new();
    private readonly EchoUpstream _b = new();
    private readonly IPEndPoint _listen = FreePort.Loopback();

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reload_ServiceGoes_ItsSessionsLiveOnUnlessTheyAreReset(bool reset)
    {
        IPEndPoint goes = FreePort.Loopback();
        await using ReloadBed bed = await ReloadBed.StartAsync(
            ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint), ReloadBed.Service("t", [goes], _b.EndPoint)));
        using TestClient stays = await ReloadBed.JoinAsync(_listen);
        using TestClient concerned = await ReloadBed.JoinAsync(goes);

        await bed.ApplyAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)), reset);

        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(goes), "the address is given up");
        await ReloadBed.TalkAsync(stays);
        if (reset) Assert.Equal(SocketError.ConnectionReset,
            (await Assert.ThrowsAsync<SocketException>(() => concerned.ReceiveAsync())).SocketErrorCode);
        else await ReloadBed.TalkAsync(concerned);
        Assert.Equal("s", Assert.Single(bed.Proxy.Composer.Services).Name);
    }

    [Fact]
    public async Task Reload_AddressMovesToAnotherServiceAndOneIsRenamed_SocketsStay()
    {
        IPEndPoint second = FreePort.Loopback();
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen, second], _a.EndPoint)));
        using TestClient old = await ReloadBed.JoinAsync(second);
        string[] sockets = [.. bed.Sockets(_listen), .. bed.Sockets(second)];

        await bed.ApplyAsync(
            ReloadBed.Text(ReloadBed.Service("renamed", [_listen], _a.EndPoint), ReloadBed.Service("t", [second], _b.EndPoint)));

        Assert.Equal(sockets, bed.Sockets(_listen).Concat(bed.Sockets(second)));
        using TestClient moved = await ReloadBed.JoinAsync(second);
        using TestClient renamed = await ReloadBed.JoinAsync(_listen);
        await ReloadBed.TalkAsync(old);
        Assert.Equal((2, 1), (_a.AcceptedCount, _b.AcceptedCount));
        Assert.Equal((1, 1), (bed["renamed"].State.Sessions.Current, bed["t"].State.Sessions.Current));
    }

    [Fact]
    public async Task Reload_OtherInterval_KeepsHealth_OtherAddress_BeginsAnew()
    {
        IPEndPoint closed = FreePort.Loopback();
        string Checked(IPEndPoint address, string interval) => ReloadBed.Text(ReloadBed.Service("s", [_listen],
            $$"""{ "name": "u", "address": "{{address}}" }, { "name": "v", "address": "{{_b.EndPoint}}" }""",
            $$"""  "healthCheck": { "type": "tcp", "interval": "{{interval}}", "timeout": "1s" },"""));
        await using ReloadBed bed = await ReloadBed.StartAsync(Checked(closed, "20s"));
        UpstreamHealth Health() => bed["s"].Rotation.Places[0].Upstream.Health;
        // The rotation follows what is found, and an upstream that is down is tried as long as no other one is up.
        await Eventually.HoldsAsync(() => Health().State == HealthState.Down && !bed["s"].Rotation.Places[0].IsServing,
            "it is found down, and is out");
        DateTimeOffset? since = Health().Since;

        await bed.ApplyAsync(Checked(closed, "19s"));
        Assert.Equal((HealthState.Down, since), (Health().State, Health().Since));
        Assert.False(bed["s"].Rotation.Places[0].IsServing);
        await Eventually.HoldsAsync(() => Health().Checks >= 2, "it is checked at once");

        await bed.ApplyAsync(Checked(_a.EndPoint, "19s"));
        Assert.NotEqual(HealthState.Down, Health().State);
        await Eventually.HoldsAsync(() => Health() is { State: HealthState.Up, Checks: 1 } && bed["s"].Rotation.Places[0].IsServing,
            "the other server is found up, and serves");
    }

    [Fact]
    public async Task Reload_NamesComeAndGo_NewServiceHasItsAddressesAtOnce()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)),
            _ => [IPAddress.Loopback]);
        IPEndPoint added = FreePort.Loopback();
        string named = ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint),
            ReloadBed.Service("t", [added], $$"""{ "name": "n", "address": "mail.example:{{_b.EndPoint.Port}}" }"""));

        await bed.ApplyAsync(named);
        Assert.Equal(1, bed.Proxy.Names.NameCount);
        using TestClient client = await ReloadBed.JoinAsync(added);
        Assert.Equal(1, _b.AcceptedCount);

        await bed.ApplyAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        Assert.Equal(0, bed.Proxy.Names.NameCount);
        await ReloadBed.TalkAsync(client);
        await bed.ApplyAsync(named);
        using TestClient again = await ReloadBed.JoinAsync(added);
    }

    [Fact]
    public async Task Reload_Limits_HoldForTheNextClient()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        using TestClient first = await ReloadBed.JoinAsync(_listen);

        await bed.ApplyAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint, "\"maxSessions\": 1,")));
        await AssertRefusedAsync();
        await bed.ApplyAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        using TestClient second = await ReloadBed.JoinAsync(_listen);
        await ReloadBed.TalkAsync(first);
        Assert.Equal(2, bed.Proxy.Engine.Sessions);

        async Task AssertRefusedAsync()
        {
            // A refused client may see the reset already while it connects.
            SocketException e = await Assert.ThrowsAsync<SocketException>(async () =>
            {
                using TestClient refused = await TestClient.ConnectAsync(_listen);
                await refused.ReceiveAsync();
            });
            Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        }
    }

    [Fact]
    public async Task Reload_ChangesWhatAnOverrideIsAbout_ItYieldsWithALogLine()
    {
        string two = $$"""{ "name": "a", "address": "{{_a.EndPoint}}" }, { "name": "b", "address": "{{_b.EndPoint}}" }""";
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], two)));
        Assert.Equal(OverrideError.None,
            bed.Proxy.Overrides.Set(new UpstreamOverride("s", "a", OverrideState.Disabled, "", "tester")).Error);
        Assert.Equal(OverrideError.None, bed.Proxy.Overrides.Set(new OrderOverride("s", ["b"], "", "tester")).Error);

        await bed.ApplyAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], two, "\"maxSessions\": 9,")));
        Assert.Equal("b", string.Join(' ', bed["s"].State.Definition.Upstreams.Select(u => u.Name)));
        await bed.ApplyAsync(
            ReloadBed.Text(ReloadBed.Service("s", [_listen], two.Replace("\"name\": \"a\"", "\"name\": \"a\", \"enabled\": false"))));

        Assert.Null(bed.Proxy.Overrides.Find(new OverrideKey("s", "a")).Set);
        Assert.NotNull(bed.Proxy.Overrides.Find(new OverrideKey("s")).Set);
        Assert.True(bed.HasLogged(" warning 6101 "));
    }
}
