using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Testing.Processes;
using SocketPermissions = FastTcpProxy.Engine.Transport.SocketPermissions;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Mode and group of UNIX sockets, and whose a token file may be. Root and its group are on every machine.</summary>
public sealed class SocketFileTests
{
    private const UnixFileMode ForTheGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    [Theory]
    [InlineData("""{ "address": "unix:/run/a", "mode": "0600", "group": "root" }""", UnixFileMode.UserRead | UnixFileMode.UserWrite, 0)]
    [InlineData("""{ "address": "unix:/run/a", "mode": "777" }""", (UnixFileMode)0x1FF, -1)]
    [InlineData("""{ "address": "unix:/run/a", "group": "4711" }""", ForTheGroup, 4711)]
    [InlineData("""{ "address": "unix:/run/a" }""", null, -1)]
    [InlineData("\"unix:/run/a\"", null, -1)]
    public void Listen_UnixSocket_HasModeAndGroup(string listen, UnixFileMode? mode, long group)
    {
        ConfiguredListenAddress address = Given.Valid(Given.Service(listen: $"[{listen}]")).Services[0].Listen[0];

        Assert.Equal(("/run/a", mode, group), (address.Path, address.Permissions.Mode, address.Permissions.Group?.Id ?? -1L));
    }

    [Theory]
    [InlineData("\"0888\"", "C031")]
    [InlineData("\"1777\"", "C030")]
    [InlineData("\"77\"", "C031")]
    [InlineData("\"\"", "C031")]
    [InlineData("\"rw\"", "C031")]
    [InlineData("660", "C022")]
    public void Mode_IsNoOctalText_IsRefused(string mode, string code)
    {
        ConfigurationError error = Given.OnlyError(Given.Service(listen: $$"""[{ "address": "unix:/run/a", "mode": {{mode}} }]"""));

        Assert.Equal(code, error.Code);
        Assert.Contains(code == "C022" ? "expected a text in quotes, write \"660\"" : "expected a mode in octal as text", error.Message);
    }

    [Theory]
    [InlineData("\"no-such-group\"", "this machine has no such group")]
    [InlineData("\"4294967295\"", "this machine has no such group")]
    [InlineData("0", "expected a text in quotes, write \"0\"")]
    public void Group_IsNone_IsRefused(string group, string says)
    {
        ConfigurationError error = Given.OnlyError(Given.Service(listen: $$"""[{ "address": "unix:/run/a", "group": {{group}} }]"""));

        Assert.Contains(says, error.Message);
        Assert.Contains("services[0].listen[0].group", error.Message);
    }

    [Theory]
    [InlineData("""{ "address": "127.0.0.1:1000", "mode": "0660" }""")]
    [InlineData("""{ "address": "127.0.0.1:1000", "group": "root" }""")]
    public void Permissions_OfAnIPAddress_AreRefused(string listen) =>
        Assert.Equal(ConfigurationCodes.NotASocketFile, Given.OnlyError(Given.Service(listen: $"[{listen}]")).Code);

    [Fact]
    public void Listen_SameSocketWithOtherMode_IsThereTwice() =>
        Assert.Equal(ConfigurationCodes.DuplicateListen,
            Given.OnlyError(Given.Service(listen: """["unix:/run/a", { "address": "unix:/run/a", "mode": "0660" }]""")).Code);

    [Fact]
    public void AdminSocket_AsObject_HasModeAndGroup()
    {
        AdminConfiguration admin = Given.Valid(Given.Root("""
            "admin": { "socket": { "path": "/run/a.sock", "mode": "0666", "group": "root" } }
            """)).Admin!;
        AdminConfiguration plain = Given.Valid(Given.Root("""
            "admin": { "socket": "/run/a.sock" }
            """)).Admin!;

        Assert.Equal(("/run/a.sock", "root"), (admin.Socket, admin.SocketPermissions.Group!.Text));
        Assert.Equal((plain.Socket, SocketPermissions.AsBound), (admin.Socket, plain.SocketPermissions));
        Assert.NotEqual(plain, admin);
    }

    /// <summary>
    /// Root may check the file of a proxy that runs as another user, and is told; a process takes only what is its user's or root's.
    /// </summary>
    [Fact]
    public async Task TokenFile_OfAnotherUser_IsTakenByNoProcessButThatUsers()
    {
        using TempFolder folder = new("token");
        string path = folder.Write("token", new string('x', 32));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.True(AdminTokenFile.TryRead(path, out _, out _));
        Assert.Equal(0, (await ChildProcess.RunAsync("/bin/chown", ["4711", path])).ExitCode);

        Assert.False(AdminTokenFile.TryRead(path, out _, out string? why));
        ConfigurationResult result = Given.Parse(Given.Root($$"""
            "admin": { "listen": ["127.0.0.1:9470"], "tokenFile": "{{path}}" }
            """));

        Assert.StartsWith("it belongs to user 4711, and this process runs as user ", why);
        Assert.Equal(ConfigurationCodes.TokenOfAnotherUser, Assert.Single(result.Warnings).Code);
        Assert.NotNull(result.Configuration);
    }
}
