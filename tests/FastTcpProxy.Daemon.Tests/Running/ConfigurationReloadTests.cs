using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>Reloads of a running proxy: what they change, what they leave alone, and that a refused one has touched nothing.</summary>
public sealed class ConfigurationReloadTests : IAsyncDisposable
{
    private readonly EchoUpstream _a = new();
    private readonly EchoUpstream _b = new();
    private readonly IPEndPoint _listen = FreePort.Loopback();

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    /// <summary>
    /// As where descriptors are short, and no address is to blame. Without an error the configuration would count as in force.
    /// </summary>
    [Fact]
    public void Failures_NoneOfAnAddress_IsTheMessageOfTheWhole()
    {
        ConfigurationError error =
            Assert.Single(ConfigurationReload.Failures(new BindException("no descriptor is left"), [], default, "proxy.json"));

        Assert.Equal(("proxy.json", ConfigurationCodes.CannotListen, "no descriptor is left"), (error.File, error.Code, error.Message));
    }

    [Fact]
    public async Task Reload_AddsAService_TheOthersAreNotTouched()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        using TestClient old = await ReloadBed.JoinAsync(_listen);
        string[] sockets = bed.Sockets(_listen);
        IPEndPoint added = FreePort.Loopback();
        var service = bed["s"];

        ReloadOutcome outcome = await bed.ApplyAsync(
            ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint), ReloadBed.Service("t", [added], _b.EndPoint)));

        Assert.Equal(["services[t]: added"], outcome.Changes);
        Assert.Equal(sockets, bed.Sockets(_listen));
        Assert.Same(service, bed["s"]);
        await ReloadBed.TalkAsync(old);
        using TestClient atNew = await ReloadBed.JoinAsync(added);
        using TestClient atOld = await ReloadBed.JoinAsync(_listen);
        Assert.Equal((2, 1), (_a.AcceptedCount, _b.AcceptedCount));
        Assert.Equal((1, 2), (bed["t"].State.Sessions.Current, bed["s"].State.Sessions.Current));
        Assert.Equal(("tester", "sent by tester"), (bed.Reload.Current.Author, bed.Reload.Current.Source));
    }

    [Fact]
    public async Task Reload_OtherUpstream_IsForNewClientsOnly()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        using TestClient old = await ReloadBed.JoinAsync(_listen);

        await bed.ApplyAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _b.EndPoint)));

        using TestClient next = await ReloadBed.JoinAsync(_listen);
        await ReloadBed.TalkAsync(old);
        Assert.Equal((1, 1), (_a.AcceptedCount, _b.AcceptedCount));
    }

    [Fact]
    public async Task Reload_ThatWaitsForItsTurn_ReadsTheFileAsItIsThen()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        string second = ReloadBed.Text(ReloadBed.Service("s", [_listen], _b.EndPoint));
        Task<ReloadOutcome>? reload = null;

        bed.Reload.Between(() =>
        {
            reload = bed.Reload.FromFileAsync("tester", resetRemoved: false);
            File.WriteAllText(bed.File, second);
        });

        Assert.True((await reload!).IsApplied);
        Assert.Equal(second, System.Text.Encoding.UTF8.GetString(bed.Reload.Current.Text.Span));
    }

    [Theory]
    [InlineData("a directory that is not there", "does not exist")]
    [InlineData("a file that is not a socket", "not a socket is there")]
    [InlineData("a socket that is served", "served by another process")]
    [InlineData("a socket that no one serves", null)]
    [InlineData("nothing", null)]
    public async Task Try_UnixListener_SaysWhatAReloadWouldSay_AndTouchesNoFile(string what, string? why)
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        string folder = Path.GetDirectoryName(bed.File)!;
        string path = Path.Combine(folder, what == "a directory that is not there" ? "none/u.sock" : "u.sock");
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (what == "a file that is not a socket") await File.WriteAllTextAsync(path, "x", TestContext.Current.CancellationToken);
        if (what.StartsWith("a socket", StringComparison.Ordinal))
        {
            other.Bind(new UnixDomainSocketEndPoint(path + "x"));
            File.Move(path + "x", path);
            if (what == "a socket that is served") other.Listen();
            else other.Dispose();
        }
        string text = ReloadBed.Text(
            ReloadBed.Service("s", [_listen], _a.EndPoint).Replace($"\"{_listen}\"", $"\"{_listen}\", \"unix:{path}\""));
        string[] files = Directory.GetFileSystemEntries(folder);

        ReloadOutcome tried = await bed.Reload.TryAsync(System.Text.Encoding.UTF8.GetBytes(text));

        Assert.Equal(files, Directory.GetFileSystemEntries(folder));
        Assert.Equal(why is null ? [] : [ConfigurationCodes.CannotListen], tried.Errors.Select(e => e.Code));
        if (why is not null) Assert.Contains(why, tried.Errors[0].Message);
        Assert.Equal(tried.Errors, (await bed.PutAsync(text)).Errors);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "invalid", ConfigurationCodes.NotJson },
        { "unknown key", ConfigurationCodes.UnknownKey },
        { "threads", ConfigurationCodes.NeedsRestart },
        { "format", ConfigurationCodes.NeedsRestart },
        { "admin", ConfigurationCodes.NeedsRestart },
        { "in use", ConfigurationCodes.CannotListen },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Reload_Refused_NothingHasChangedAndItStaysVisible(string what, string code)
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        using TestClient old = await ReloadBed.JoinAsync(_listen);
        string before = bed.Everything();
        using Socket rival = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        rival.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        rival.Listen(1);
        IPEndPoint free = FreePort.Loopback();
        // Everything else in it is different too.
        string other = ReloadBed.Service("t", [free, _listen], """{ "name": "n", "address": "mail.invalid:25" }""", "\"maxSessions\": 1,");

        ReloadOutcome outcome = await bed.PutAsync(what switch
        {
            "invalid" => "{",
            "unknown key" => ReloadBed.Text(other).Replace("\"mode\"", "\"mood\""),
            "threads" => ReloadBed.Text(other).Replace("\"threads\": 2", "\"threads\": 3"),
            "format" => ReloadBed.Text(other).Replace("\"engine\"", "\"log\": { \"format\": \"none\" }, \"engine\""),
            "admin" => ReloadBed.Text(other).Replace("\"engine\"", "\"admin\": { \"socket\": \"/run/x.sock\" }, \"engine\""),
            _ => ReloadBed.Text(other.Replace($"\"{free}\"", $"\"{free}\", \"{rival.LocalEndPoint}\"")),
        });

        Assert.False(outcome.IsApplied);
        Assert.Equal(code, outcome.Errors[0].Code);
        if (code == ConfigurationCodes.CannotListen)
        {
            ConfigurationError error = Assert.Single(outcome.Errors);
            Assert.Contains(rival.LocalEndPoint!.ToString()!, error.Message);
            string text = ReloadBed.Text(other.Replace($"\"{free}\"", $"\"{free}\", \"{rival.LocalEndPoint}\""));
            Assert.Equal((1, text.IndexOf($"\"{rival.LocalEndPoint}\"", StringComparison.Ordinal) + 1), (error.Line, error.Column));
            // A comparison says the same, at the same place, and listens nowhere either.
            Assert.Equal(outcome.Errors, (await bed.Reload.TryAsync(System.Text.Encoding.UTF8.GetBytes(text))).Errors);
        }
        Assert.All(outcome.Errors, e => Assert.Equal(bed.File, e.File));
        Assert.Equal(before, bed.Everything());
        Assert.False(ListeningSockets.Covers(free));
        await ReloadBed.TalkAsync(old);
        using TestClient next = await ReloadBed.JoinAsync(_listen);
        Assert.Equal(2, _a.AcceptedCount);
        FailedReload failure = bed.Reload.LastFailure!;
        Assert.Equal(("tester", "sent by tester", code), (failure.Author, failure.Source, failure.Errors[0].Code));
        Assert.True(bed.HasLogged(" error 6111 "));

        await bed.ApplyAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _b.EndPoint)));
        Assert.Null(bed.Reload.LastFailure);
    }

    [Fact]
    public async Task Reload_SocketFileGone_SaysThatItIsBoundAgain()
    {
        using TempFolder folder = new("lost");
        string text = ReloadBed.Text(
            ReloadBed.Service("s", [_listen], _a.EndPoint).Replace($"\"{_listen}\"", $"\"{_listen}\", \"unix:{folder["s"]}\""));
        await using ReloadBed bed = await ReloadBed.StartAsync(text);
        File.Delete(folder["s"]);

        ReloadOutcome outcome = await bed.ApplyAsync(text);

        Assert.Equal([$"listener unix:{folder["s"]}: bound again, because its file was gone"], outcome.Changes);
        Assert.True(File.Exists(folder["s"]));
        Assert.Empty((await bed.ApplyAsync(text)).Changes);
    }

    [Fact]
    public async Task Reload_FromTheFile_TakesItAndSaysWhenItIsGone()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        await File.WriteAllTextAsync(bed.File, ReloadBed.Text(ReloadBed.Service("s", [_listen], _b.EndPoint)));
        Assert.True((await bed.Reload.FromFileAsync("SIGHUP", resetRemoved: false)).IsApplied);
        Assert.Equal((bed.File, "SIGHUP"), (bed.Reload.Current.Source, bed.Reload.Current.Author));
        string before = bed.Everything();

        File.Delete(bed.File);
        ReloadOutcome outcome = await bed.Reload.FromFileAsync("SIGHUP", resetRemoved: false);

        Assert.Equal(ConfigurationCodes.FileMissing, Assert.Single(outcome.Errors).Code);
        Assert.Equal(before, bed.Everything());
        Assert.Equal(bed.File, bed.Reload.LastFailure!.Source);
    }

    [Fact]
    public async Task Try_SaysWhatWouldBeAndChangesNothing()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        string before = bed.Everything();
        ReloadOutcome good =
            await bed.Reload.TryAsync(Encoding.UTF8.GetBytes(ReloadBed.Text(ReloadBed.Service("t", [FreePort.Loopback()], _a.EndPoint))));
        ReloadOutcome bad = await bed.Reload.TryAsync("{"u8.ToArray());
        Assert.Equal((false, 2, 0), (good.IsApplied, good.Changes.Length, good.Errors.Length));
        Assert.Equal((false, 0, 1), (bad.IsApplied, bad.Changes.Length, bad.Errors.Length));
        Assert.Equal(before, bed.Everything());
        Assert.Null(bed.Reload.LastFailure);
    }

    [Fact]
    public async Task Reload_ManyAtOnce_EachIsWholeAndTheLastIsInForce()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        ReloadOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(1, 16).Select(i => Task.Run(() =>
            bed.PutAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen, FreePort.Loopback()], _a.EndPoint, $"\"maxSessions\": {i},"))))));

        Assert.All(outcomes, o => Assert.True(o.IsApplied));
        Assert.Equal(bed.Configuration.Services[0].Settings.SessionsMax, bed["s"].State.Definition.SessionsMax);
        Assert.Equal(bed.Configuration.Services[0].Listen.Select(l => l.Text).Order(),
            bed.Proxy.Engine.Listeners.Select(l => l.Address).Order());
    }

    [Fact]
    public async Task Reload_AfterTheEnd_IsRefusedAndListensNoMore()
    {
        await using ReloadBed bed = await ReloadBed.StartAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)));
        bed.Reload.Between(() =>
        {
            bed.Reload.End();
            bed.Proxy.Engine.StopAccepting();
        });

        Assert.Equal(ConfigurationCodes.NeedsRestart,
            Assert.Single((await bed.PutAsync(ReloadBed.Text(ReloadBed.Service("s", [_listen], _a.EndPoint)))).Errors).Code);

        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(_listen), "no one listens");
        Assert.Empty(bed.Proxy.Engine.Listeners);
    }
}
