using System.Globalization;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>A new program takes over from the running one: real processes. Each test owns its processes.</summary>
public sealed class TakeOverRunTests
{
    [Fact]
    public async Task TakeOver_SessionsLiveOnInTheOldProcess_WhichEndsWithTheLast()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        using TestClient before = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(before);
        using TestClient unix = await Ends.ConnectUnixAsync(bed.UnixListen);
        await Ends.AssertEchoAsync(unix);

        ChildProcess next = await bed.FollowAsync(old);
        using TestClient after = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(after);
        using TestClient unixAfter = await Ends.ConnectUnixAsync(bed.UnixListen);
        await Ends.AssertEchoAsync(unixAfter);
        await Ends.AssertEchoAsync(before, "still served");
        Assert.Equal(2, (await UpgradeBed.StatusAsync(bed.AdminSocket + "." + old.Id)).GetProperty("services")[0]
            .GetProperty("sessions").GetInt32());
        Assert.Equal(next.Id, (await UpgradeBed.StatusAsync(bed.AdminSocket)).GetProperty("pid").GetInt32());
        Assert.Equal(2, (await UpgradeBed.StatusAsync(bed.AdminSocket)).GetProperty("services")[0].GetProperty("sessions").GetInt32());
        Generation generation = Assert.Single((await new GenerationFinder(bed.AdminSocket).FindAsync()).Named);
        Assert.Equal((old.Id, bed.AdminSocket + "." + old.Id, 2), (generation.ProcessId, generation.Socket, generation.Sessions));

        before.HalfClose();
        await Ends.AssertEndAsync(before);
        Assert.False(old.HasExited);
        unix.HalfClose();
        await Ends.AssertEndAsync(unix);

        Assert.Equal(0, await old.WaitForExitAsync());
        Assert.False(File.Exists(bed.AdminSocket + "." + old.Id));
        Assert.Empty((await new GenerationFinder(bed.AdminSocket).FindAsync()).Named);
        await Ends.AssertEchoAsync(after, "not touched");
        await Ends.AssertEchoAsync(unixAfter, "not touched");
        await bed.VisitAsync();
    }

    /// <summary>Three processes: what was taken over can be taken over.</summary>
    [Fact]
    public async Task TakeOver_Again_AndAgain()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess first = await bed.StartAsync();
        using TestClient one = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(one);
        ChildProcess second = await bed.FollowAsync(first);
        using TestClient two = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(two);
        ChildProcess third = await bed.FollowAsync(second);

        await Eventually.EqualsAsync(2, async () => (await new GenerationFinder(bed.AdminSocket).FindAsync()).Named.Length,
            "both generations are seen");
        Assert.Equal([first.Id, second.Id], (await new GenerationFinder(bed.AdminSocket).FindAsync()).Named.Select(g => g.ProcessId));
        await bed.VisitAsync();
        await Ends.AssertEchoAsync(one);
        await Ends.AssertEchoAsync(two);

        Assert.Equal(0, await UpgradeBed.StopAsync(third));
        Assert.False(ListeningSockets.Covers(bed.Listen));
        Assert.False(File.Exists(bed.UnixListen));
        Assert.False(File.Exists(bed.AdminSocket));
        Assert.False(File.Exists(TakeOverServer.PathFor(bed.AdminSocket)));
    }

    /// <summary>Someone has emptied the folder: no client finds the sockets, and the next process makes them anew.</summary>
    [Fact]
    public async Task TakeOver_FilesOfTheSocketsAreGone_IsSaidAndTheyAreBoundAnew()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        File.Delete(bed.UnixListen);
        await old.Error.WaitForLineAsync(l => l.Contains($" error 4012 listener unix:{bed.UnixListen}: no client can connect, "
            + "because its file was removed: a reload binds it again"), "it is said");
        string trouble = Assert.Single((await UpgradeBed.StatusAsync(bed.AdminSocket)).GetProperty("trouble").EnumerateArray())
            .GetString()!;
        Assert.Contains($"listener unix:{bed.UnixListen}: no client can connect", trouble);
        File.Delete(bed.AdminSocket);

        ChildProcess next = await bed.FollowAsync(old);

        using TestClient client = await Ends.ConnectUnixAsync(bed.UnixListen);
        await Ends.AssertEchoAsync(client);
        Assert.Equal(next.Id, (await UpgradeBed.StatusAsync(bed.AdminSocket)).GetProperty("pid").GetInt32());
        Assert.Empty((await UpgradeBed.StatusAsync(bed.AdminSocket)).GetProperty("trouble").EnumerateArray());
    }

    [Fact]
    public async Task TakeOver_WithoutASession_OldProcessEndsAtOnce()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();

        await bed.FollowAsync(old);

        Assert.Equal(0, await old.WaitForExitAsync());
        await bed.VisitAsync();
    }

    [Theory]
    [InlineData("1", "3")]
    [InlineData("3", "1")]
    [InlineData("2", "2")]
    public async Task TakeOver_OtherNumberOfThreads_ServesEveryQueue(string before, string after)
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync("--threads", before);

        ChildProcess next = await bed.StartAsync("--take-over", "--threads", after);
        Assert.Equal(0, await old.WaitForExitAsync());

        for (int i = 0; i < 40; i++) await bed.VisitAsync();
        Assert.Equal(0, await UpgradeBed.StopAsync(next));
    }

    [Fact]
    public async Task TakeOver_AddressesOfTheNewConfiguration_AreBoundAndOldOnesClosed()
    {
        await using UpgradeBed bed = new();
        System.Net.IPEndPoint gone = FreePort.Loopback(), added = FreePort.Loopback();
        bed.Configure(gone.ToString());
        ChildProcess old = await bed.StartAsync();
        bed.Configure(added.ToString());

        ChildProcess next = await bed.FollowAsync(old);

        await next.Error.WaitForLineAsync(l => l.Contains(" warning 7009 ", StringComparison.Ordinal)
            && l.Contains(gone.ToString(), StringComparison.Ordinal), "it names the unused one");
        Assert.Equal(0, await old.WaitForExitAsync());
        Assert.True(ListeningSockets.Covers(added));
        Assert.False(ListeningSockets.Covers(gone));
    }

    [Theory]
    [InlineData("SIGTERM")]
    [InlineData("drained")]
    public async Task OldProcess_ToldToEnd_DrainsWithinItsTimeout(string how)
    {
        await using UpgradeBed bed = new() { Engine = "\"drainTimeout\": \"200ms\"" };
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        using TestClient client = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(client);
        await bed.FollowAsync(old);
        Assert.False(old.HasExited);

        if (how == "SIGTERM") old.Signal(UnixSignal.Terminate);
        else client.Dispose();

        Assert.Equal(0, await old.WaitForExitAsync());
        if (how == "SIGTERM") await Ends.AssertResetAsync(client);
        await bed.VisitAsync();
    }

    [Fact]
    public async Task OldProcess_HangUpAfterTheTakeOver_DoesNotListenAgain()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        using TestClient client = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(client);
        ChildProcess next = await bed.FollowAsync(old);

        old.Signal(UnixSignal.Hangup);

        await old.Error.WaitForLineAsync(l => l.Contains("this process drains and no longer listens", StringComparison.Ordinal),
            "it refuses");
        Assert.Equal(0, await UpgradeBed.StopAsync(next));
        Assert.False(ListeningSockets.Covers(bed.Listen));
    }

    /// <summary>No connection of a steady stream of them is refused or reset while processes follow each other.</summary>
    [Fact]
    public async Task TakeOver_UnderLoad_LosesNobody()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess now = await bed.StartAsync();
        using CancellationTokenSource stop = new();
        int visits = 0;
        Task[] visitors = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await bed.VisitAsync();
                Interlocked.Increment(ref visits);
            }
        }))];
        for (int i = 0; i < 3; i++)
        {
            ChildProcess next = await bed.FollowAsync(now);
            Assert.Equal(0, await now.WaitForExitAsync());
            now = next;
        }

        await stop.CancelAsync();
        await Task.WhenAll(visitors);
        Assert.True(visits > 100, visits.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(0, await UpgradeBed.StopAsync(now));
    }
}
