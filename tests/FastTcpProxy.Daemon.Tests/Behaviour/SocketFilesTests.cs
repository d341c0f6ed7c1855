using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// The files of UNIX sockets as an operator sees them: whose, for whom, and still there when they are someone else's. Each test owns its
/// proxy and folder.
/// </summary>
public sealed class SocketFilesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode ForTheGroup = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const string Unprivileged = "65534";

    private readonly TempFolder _folder = new("sockets");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sigterm_AnothersSocketAtTheListenersPath_Stays()
    {
        await using EchoUpstream upstream = new();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(ServiceText.Unix(_folder["in"]), [upstream.EndPoint]));
        File.Move(_folder["in"], _folder["moved"]);
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_folder["in"]));

        Assert.Equal(0, await proxy.StopAsync());

        Assert.True(File.Exists(_folder["in"]));
    }

    [Fact]
    public async Task Reload_ModeAndGroup_AreSetOnTheSocketThatStays()
    {
        await using EchoUpstream upstream = new();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Text(upstream.EndPoint, "\"mode\": \"0600\""));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_folder["in"]));
        using TestClient before = await Ends.ConnectUnixAsync(_folder["in"]);
        await Ends.AssertEchoAsync(before);

        File.WriteAllText(proxy.ConfigurationPath, Text(upstream.EndPoint, $"\"group\": \"{Unprivileged}\""));
        proxy.Child.Signal(UnixSignal.Hangup);

        await Eventually.EqualsAsync(ForTheGroup, () => File.GetUnixFileMode(_folder["in"]), "the mode that a group alone gives");
        await Eventually.EqualsAsync(Unprivileged, () => GroupOf(_folder["in"]), "the group");
        await Ends.AssertEchoAsync(before);
        using TestClient after = await Ends.ConnectUnixAsync(_folder["in"]);
        await Ends.AssertEchoAsync(after);
    }

    [Fact]
    public async Task AdminSocket_ModeAndGroup_AreThoseOfTheConfiguration()
    {
        await using EchoUpstream upstream = new();
        using ProxyProcess proxy = await ProxyProcess.StartAsync($$"""
            { "services": [{{ServiceText.Service("s", [FreePort.Loopback()], [upstream.EndPoint])}}],
              "admin": { "socket": { "path": "{{_folder["admin"]}}", "mode": "0606", "group": "{{Unprivileged}}" } } }
            """);
        await ServedSocket.AwaitAsync(_folder["admin"], "the administrative socket is there");

        await Eventually.EqualsAsync(OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherWrite,
            () => File.GetUnixFileMode(_folder["admin"]), "the mode");
        Assert.Equal(Unprivileged, GroupOf(_folder["admin"]));
        Assert.Equal(0, (await ProxyExecutable.RunAsync(["status", "--socket", _folder["admin"]])).ExitCode);
    }

    /// <summary>As a user that is a member of no group but its own.</summary>
    [Fact]
    public async Task Group_NotTheProcesss_StartSaysWhatToDo()
    {
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1FF);
        string file = _folder.Write("proxy.json", Text(FreePort.Loopback(), "\"group\": \"0\""));

        ProcessResult result = await ChildProcess.RunAsync("/usr/bin/setpriv",
            ["--reuid", Unprivileged, "--regid", Unprivileged, "--clear-groups", ProxyExecutable.FilePath, "run", "--config", file],
            environment: ProxyExecutable.Environment);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"cannot listen on unix:{_folder["in"]}: the group \"0\" cannot be given to the socket's file; "
            + "the process must be a member of it", result.Error);
        Assert.False(File.Exists(_folder["in"]));
    }

    private static string GroupOf(string path) =>
        ChildProcess.RunAsync("/usr/bin/stat", ["-c", "%g", path]).GetAwaiter().GetResult().Output.Trim();

    private string Text(IPEndPoint upstream, string keys) => $$"""
        { "services": [{ "name": "s", "mode": "raw", "listen": [{ "address": "unix:{{_folder["in"]}}", {{keys}} }], "upstreams": [{ "address": "{{upstream}}" }] }] }
        """;
}
