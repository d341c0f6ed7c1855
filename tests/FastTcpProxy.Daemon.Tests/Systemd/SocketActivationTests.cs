using System.Net.Sockets;
using FastTcpProxy.Daemon.Systemd;
using FastTcpProxy.Daemon.Tests.TakeOver;

namespace FastTcpProxy.Daemon.Tests.Systemd;

/// <summary>The variables of socket activation.</summary>
public sealed class SocketActivationTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, "2", null)]
    [InlineData("7", null, null)]
    [InlineData("", "", "")]
    [InlineData("8", "2", "a:b")]
    [InlineData("8", "rubbish", null)]
    [InlineData("7", "0", null)]
    public void Parse_NotForThisProcess_IsNothing(string? process, string? count, string? names) =>
        Assert.Empty(SocketActivation.Parse(process, count, names, 7));

    [Fact]
    public void Parse_NamesThemInOrder()
    {
        Assert.Equal([new(3, "web"), new(4, ""), new(5, "mail")], SocketActivation.Parse("7", "3", "web::mail", 7));
        Assert.Equal([new(3, "unknown"), new(4, "unknown")], SocketActivation.Parse("7", "2", null, 7));
        Assert.Equal(SocketActivation.DescriptorsMax, SocketActivation.Parse("7", "65536", null, 7).Length);
    }

    [Theory]
    [InlineData("x", "1", null, "LISTEN_PID is \"x\", expected a process id")]
    [InlineData("-7", "1", null, "LISTEN_PID is \"-7\", expected a process id")]
    [InlineData("7", "x", null, "LISTEN_FDS is \"x\", expected a number from 0 to 65536")]
    [InlineData("7", "-1", null, "LISTEN_FDS is \"-1\", expected a number from 0 to 65536")]
    [InlineData("7", "65537", null, "LISTEN_FDS is \"65537\", expected a number from 0 to 65536")]
    [InlineData("7", "2", "a", "LISTEN_FDNAMES has 1 name, expected 2 as LISTEN_FDS says")]
    public void Parse_Rubbish_SaysWhatWasExpected(string process, string count, string? names, string expected) =>
        Assert.Equal(expected, Assert.Throws<FormatException>(() => SocketActivation.Parse(process, count, names, 7)).Message);

    [Fact]
    public void KeepFromChildren_SetsTheFlagAndKeepsTheOthers()
    {
        using Socket listener = ChannelPair.Listen();
        int fd = (int)listener.Handle;
        Assert.Equal(0, Fcntl(fd, 2, 0));
        Assert.False(OpenFiles.IsKeptFromChildren(fd));

        SocketActivation.KeepFromChildren(fd);

        Assert.True(OpenFiles.IsKeptFromChildren(fd));
    }

    [Fact]
    public void KeepFromChildren_NotOpen_SaysSo() =>
        Assert.Equal("LISTEN_FDS promises descriptor 1000000, which is not open",
            Assert.Throws<FormatException>(() => SocketActivation.KeepFromChildren(1_000_000)).Message);

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "fcntl")]
    private static extern int Fcntl(int fd, int command, nint argument);
}
