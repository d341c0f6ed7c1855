using System.Net.Sockets;
using System.Text.Json;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// Someone deletes the file of the administrative socket while the proxy runs. Real processes. Each test owns its process.
/// </summary>
public sealed class LostAdminSocketTests
{
    [Fact]
    public async Task Reload_FileDeleted_BindsItAgain_SaysSo_AndOldConnectionsGoOn()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess proxy = await bed.StartAsync();
        await UpgradeBed.StatusAsync(bed.AdminSocket);
        using Socket before = Connect(bed.AdminSocket);
        UnixFileMode mode = File.GetUnixFileMode(bed.AdminSocket);
        int sockets = proxy.SocketCount;

        // Twice: it is no privilege of the first socket.
        for (int i = 1; i <= 2; i++)
        {
            int lines = proxy.Error.Snapshot().Length;
            File.Delete(bed.AdminSocket);
            await ReloadAsync(proxy, lines);
            Assert.Contains(proxy.Error.Snapshot().Skip(lines), l => l.Contains($" warning 6003 the file of the administrative "
                + $"socket {bed.AdminSocket} was gone", StringComparison.Ordinal));
            JsonElement status = await UpgradeBed.StatusAsync(bed.AdminSocket);
            Assert.Equal(proxy.Id, status.GetProperty("pid").GetInt32());
            Assert.Equal(mode, File.GetUnixFileMode(bed.AdminSocket));
        }
        before.Send("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8);
        Assert.True(before.Receive(new byte[1024]) > 0, "a connection of before is answered");
        before.Dispose();
        await Eventually.HoldsAsync(() => proxy.SocketCount <= sockets, "nothing is left of the sockets before");

        ChildProcess next = await bed.FollowAsync(proxy);
        Assert.Equal(next.Id, (await UpgradeBed.StatusAsync(bed.AdminSocket)).GetProperty("pid").GetInt32());
        Assert.Equal(0, await UpgradeBed.StopAsync(next));
        Assert.False(File.Exists(bed.AdminSocket));
    }

    [Fact]
    public async Task Reload_FileInPlace_TouchesNothing()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess proxy = await bed.StartAsync();
        await UpgradeBed.StatusAsync(bed.AdminSocket);
        DateTime written = File.GetLastWriteTimeUtc(bed.AdminSocket);

        await ReloadAsync(proxy, proxy.Error.Snapshot().Length);

        Assert.Equal(written, File.GetLastWriteTimeUtc(bed.AdminSocket));
        Assert.DoesNotContain(proxy.Error.Snapshot(), l => l.Contains(" 6003 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reload_AnotherFileInItsPlace_LeavesIt_AndSaysSo()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess proxy = await bed.StartAsync();
        await UpgradeBed.StatusAsync(bed.AdminSocket);
        File.Delete(bed.AdminSocket);
        File.WriteAllText(bed.AdminSocket, "precious");

        await ReloadAsync(proxy, proxy.Error.Snapshot().Length);

        Assert.Equal("precious", File.ReadAllText(bed.AdminSocket));
        Assert.Contains(proxy.Error.Snapshot(), l => l.Contains($" warning 6001 administrative interface: admin.socket {bed.AdminSocket}: "
            + "a file that is not a socket is there; move it away", StringComparison.Ordinal));
        File.Delete(bed.AdminSocket);
        await ReloadAsync(proxy, proxy.Error.Snapshot().Length);
        await UpgradeBed.StatusAsync(bed.AdminSocket);
    }

    private static async Task ReloadAsync(ChildProcess proxy, int lines)
    {
        proxy.Signal(UnixSignal.Hangup);
        await proxy.Error.WaitForLineAsync(l => l.Contains(" 6110 ", StringComparison.Ordinal), "the reload is done", after: lines);
    }

    private static Socket Connect(string path)
    {
        Socket client = new(AddressFamily.Unix, SocketType.Stream,
            ProtocolType.Unspecified) { ReceiveTimeout = (int)Deadline.Patient.TotalMilliseconds };
        client.Connect(new UnixDomainSocketEndPoint(path));
        return client;
    }
}
