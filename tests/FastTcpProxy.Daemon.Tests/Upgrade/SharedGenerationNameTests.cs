using System.Net.Sockets;
using System.Text.Json;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// Two proxies in PID namespaces of their own share the folder of their administrative sockets, and have the same PID. A socket of the test
/// stands for that of the other one. Real processes. Each test owns its processes.
/// </summary>
public sealed class SharedGenerationNameTests
{
    [Fact]
    public async Task OldProcess_NameServedByAnother_TakesTheNextOne_AndIsFoundThere()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        using TestClient client = await TestClient.ConnectAsync(bed.Listen);
        await client.SendAsync("x");
        await client.ReceiveUntilAsync("x");
        string taken = $"{bed.AdminSocket}.{old.Id}", own = taken + "-3";
        using Socket other = Bind(taken), otherToo = Bind(taken + "-2");
        other.Listen();
        otherToo.Listen();

        ChildProcess next = await bed.FollowAsync(old);
        await ServedSocket.AwaitAsync(own, "the old process has its own interface", () => old.Error.Tail());

        // The first answer of an interface that has just begun can take longer than the half second for which it is asked.
        JsonElement[] generations = [];
        await Eventually.HoldsAsync(
            async () => (generations = [.. (await UpgradeBed.StatusAsync(bed.AdminSocket)).GetProperty("generations").EnumerateArray()])
                .Length > 0, "the old process is found", detail: () => old.Error.Tail());
        JsonElement generation = Assert.Single(generations);
        Assert.Equal((old.Id, own, 1), (generation.GetProperty("pid").GetInt32(), generation.GetProperty("socket").GetString(),
            generation.GetProperty("sessions").GetInt32()));
        ProcessResult status = await ProxyExecutable.RunAsync(["status", "--socket", bed.AdminSocket, "--generation", $"{old.Id}-3"]);
        Assert.Contains($"process {old.Id}, ", status.Output);
        Assert.Contains($": --generation {old.Id}-3",
            (await ProxyExecutable.RunAsync(["sessions", "list", "--socket", bed.AdminSocket])).Output);
        client.HalfClose();
        await old.WaitForExitAsync();
        Assert.Equal((true, true, false), (File.Exists(taken), File.Exists(taken + "-2"), File.Exists(own)));
        Assert.False(next.HasExited);
    }

    /// <summary>A process has its file a moment before it listens, and looks like a dead one then.</summary>
    [Fact]
    public async Task OldProcess_NameThatIsBoundAndNotServedYet_TakesTheNextOne()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        using TestClient client = await TestClient.ConnectAsync(bed.Listen);
        await client.SendAsync("x");
        await client.ReceiveUntilAsync("x");
        string taken = $"{bed.AdminSocket}.{old.Id}";
        using Socket other = Bind(taken);

        await bed.FollowAsync(old);
        await ServedSocket.AwaitAsync(taken + "-2", "the old process has its own interface", () => old.Error.Tail());

        other.Listen();
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        probe.Connect(new UnixDomainSocketEndPoint(taken));
        Assert.True(other.Poll(0, SelectMode.SelectRead), "the file is the other one's still");
    }

    private static Socket Bind(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}
