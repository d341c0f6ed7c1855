using System.Net.Sockets;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <content>The path of the socket: who may connect there, and whose it is.</content>
public sealed partial class TakeOverTests
{
    [Fact]
    public void Dispose_WithAClient_EndsAtOnceAndRemovesTheFile()
    {
        TakeOverServer server = Serve();
        using TakeOverClient client = TakeOverClient.Connect(_path)!;
        Close(client);

        server.Dispose();

        Assert.False(File.Exists(_path));
        AssertNothingLeaks();
    }

    [Fact]
    public void Connect_NoServer_IsNull()
    {
        Assert.Null(TakeOverClient.Connect(_path));
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(_path + ".dead"));
            File.Move(_path + ".dead", _path);
        }

        Assert.Null(TakeOverClient.Connect(_path));
    }

    [Fact]
    public void Connect_PathTooLong_SaysTheLimit() =>
        Assert.Contains("expected at most 107",
            Assert.Throws<TakeOverException>(() => TakeOverClient.Connect("/" + new string('x', 107))).Message);

    [Fact]
    public void Start_OnlyTheOwnerMayConnect()
    {
        using TakeOverServer server = Serve();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void Start_ServedByAnother_SaysSo()
    {
        using TakeOverServer server = Serve();

        Assert.Equal($"take-over {_path}: the socket is served by another process (see: ss -lxp)",
            Assert.Throws<BindException>(() => Serve()).Message);
    }

    /// <summary>The file's mode is the first bar, the kernel's word about the peer the second: here the first one is lifted.</summary>
    [Fact]
    public async Task Client_OfAnotherUser_IsRefusedAndGetsNothing()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "another user needs root");
        using TakeOverServer server = Serve();
        string[] unprivileged = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        Assert.Equal(7, (await Curl.RunAsync(unprivileged, _path, "/")).ExitCode);
        File.SetUnixFileMode(_path, (UnixFileMode)0b110_110_110);

        ProcessResult curl = await Curl.RunAsync(unprivileged, _path, "/");

        Assert.Contains(curl.ExitCode, (int[])[52, 56]);
        Assert.Equal("", curl.Output);
        await Eventually.HoldsAsync(
            () => _old.HasLogged(" warning 7001 ") && _old.HasLogged("of user 65534 was refused, expected user 0 or root"), "it says so");
        Assert.False(_old.HasLogged(" 7000 "));
        await TakeOverAsync();
    }
}
