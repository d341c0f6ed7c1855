using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>The lines that say who changed what, and the names in them.</summary>
public sealed class AuditTests
{
    private readonly List<string> _lines = [];

    [Fact]
    public void Done_SaysWhoWhatAndWhere()
    {
        Given().Done(new Caller("alice", "unix uid=1000 pid=17"), "disable", "done", "mail", "a", "node is being updated");

        Assert.EndsWith(
            " info 6200 change: author=\"alice\" origin=\"unix uid=1000 pid=17\" change=disable service=\"mail\" upstream=\"a\" "
            + "result=\"done\" reason=\"node is being updated\"",
            Assert.Single(_lines));
    }

    [Fact]
    public void Refused_WithoutServiceAndReason_LeavesThemOut()
    {
        Given().Refused(new Caller("token from 192.0.2.1:4711", "tcp 192.0.2.1:4711"), "reload", "2 errors");

        Assert.EndsWith(
            " warning 6201 no change: author=\"token from 192.0.2.1:4711\" origin=\"tcp 192.0.2.1:4711\" change=reload result=\"2 errors\"",
            Assert.Single(_lines));
    }

    [Fact]
    public void Done_HostileText_CannotForgeAValueOrALine()
    {
        Given().Done(new Caller("alice", "unix"), "disable", "done", "mail", "a", "x\" author=\"bob\"\n2026-01-01 \e[2J\\");

        string line = Assert.Single(_lines);
        Assert.EndsWith("reason=\"x\\\" author=\\\"bob\\\"\\u000a2026-01-01 \\u001b[2J\\\\\"", line);
    }

    [Theory]
    [InlineData(0, "root")]
    [InlineData(1000, "alice")]
    [InlineData(1001, "first")]
    [InlineData(7, "uid 7")]
    [InlineData(4294967295, "uid 4294967295")]
    public void User_ComesFromTheFile(uint uid, string name)
    {
        using TempFolder folder = new("passwd");
        UserNames users =
            new(folder.Write("passwd",
                "root:x:0:0::/root:/bin/sh\n\nbroken\n:x:7:7::/:\nalice:x:1000:1000:A:/home/a:/bin/sh\nfirst:x:1001::::\n"
                + "second:x:1001::::\nbad:x:-7:\n"));

        Assert.Equal(name, users.Find(uid));
        Assert.Equal(name, users.Find(uid));
        Assert.Equal(1, users.Count);
    }

    [Fact]
    public void User_FileChanged_IsReadAnew()
    {
        using TempFolder folder = new("passwd");
        UserNames users = new(folder.Write("passwd", "old:x:1000:\n"));
        Assert.Equal("old", users.Find(1000));

        folder.Write("passwd", "new:x:1000:\n");
        File.SetLastWriteTimeUtc(folder["passwd"], DateTime.UtcNow.AddMinutes(1));
        Assert.Equal("new", users.Find(1000));
        File.Delete(folder["passwd"]);

        Assert.Equal("uid 1000", users.Find(1000));
    }

    [Fact]
    public void User_Remembered_AreBounded()
    {
        using TempFolder folder = new("passwd");
        UserNames users = new(folder.Write("passwd", "root:x:0:\n"));

        for (uint uid = 0; uid < 3 * UserNames.RememberedMax; uid++)
        {
            users.Find(uid);
            Assert.InRange(users.Count, 1, UserNames.RememberedMax);
        }
    }

    private Audit Given() => new(new OperationalLog(new FakeTimeProvider(), new EventLines(_lines.Add)));
}
