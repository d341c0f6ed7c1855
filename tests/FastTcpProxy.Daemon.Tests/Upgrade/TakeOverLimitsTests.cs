using System.Globalization;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>A take-over with too few descriptors in either process, and what is left of one that has failed. Real processes. Each test owns its processes.</summary>
public sealed class TakeOverLimitsTests
{
    private const string Prlimit = "/usr/bin/prlimit";

    /// <summary>From none that is free upwards: what does not work leaves nothing behind, and the old process goes on.</summary>
    [Fact]
    public async Task OldProcess_WithTooFewDescriptors_GoesOnAndKeepsNothing()
    {
        Assert.SkipUnless(File.Exists(Prlimit), "prlimit");
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync("--threads", "2");
        string path = TakeOverServer.PathFor(bed.AdminSocket);
        await Eventually.HoldsAsync(() => FastTcpProxy.Engine.Transport.UnixSocketFile.IsServed(path), "it waits for the next");
        await bed.VisitAsync();
        await SettleAsync(old);
        int sockets = old.SocketCount;
        bool came = false;
        int before = SoftLimit(old.Id);
        // A limit is for the numbers of descriptors, the next free one of which may be any.
        int highest = Directory.GetFileSystemEntries($"/proc/{old.Id}/fd").Max(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture));
        for (int free = 0; free < 8; free++)
        {
            await LimitAsync(old.Id, highest - 3 + free);
            came |= await TryAsync(path);
            await LimitAsync(old.Id, before);
            await Eventually.EqualsAsync(sockets, () => old.SocketCount, $"nothing is left open with a limit of {highest - 3 + free}");
            await bed.VisitAsync();
        }
        Assert.True(came, "the last limit was enough");
        await bed.FollowAsync(old);
        Assert.Equal(0, await old.WaitForExitAsync());
        await bed.VisitAsync();
    }

    [Fact]
    public async Task NewProcess_WithTooFewDescriptors_EndsOrServes()
    {
        Assert.SkipUnless(File.Exists(Prlimit), "prlimit");
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess now = await bed.StartAsync("--threads", "2");
        await using Visitors visitors = new(bed.Listen, atOnce: 1);
        // From what the runtime cannot begin with to what is enough for all.
        foreach (int limit in (int[])[50, 60, 70, 80, 90, 100, 110, 120, 1000])
        {
            await Eventually.HoldsAsync(() => FastTcpProxy.Engine.Transport.UnixSocketFile.IsServed(TakeOverServer.PathFor(bed.AdminSocket)), "it waits for the next");
            ChildProcess next = bed.Launch(
                [Prlimit, string.Create(CultureInfo.InvariantCulture, $"--nofile={limit}"), ProxyExecutable.FilePath, "run", "--config", bed.ConfigurationPath, "--take-over", "--threads", "4"],
                new Dictionary<string, string?>());
            await Eventually.HoldsAsync(() => next.HasExited || now.HasExited, $"one of the two ends with {limit}", detail: () => next.Error.Tail());
            Assert.True(next.HasExited || limit == 1000, $"{limit} is too few, and it took over all the same:\n{next.Error.Tail()}");
            await visitors.AreServedAsync(string.Create(CultureInfo.InvariantCulture, $"with a limit of {limit}"));
            Assert.True(visitors is { Refused: 0, Silent: 0 }, $"{limit}: {visitors}");
        }
    }

    /// <summary>The new configuration has a listener of its own, which the old one does not know.</summary>
    [Fact]
    public async Task NewProcess_GivesWay_LeavesNoFileOfItsOwnListeners()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        string own = bed.Folder["own"];
        bed.Configure("unix:" + own);
        string token = bed.Folder.Write("token", "short");
        bed.Admin = $"\"listen\": [\"{FreePort.Loopback()}\"], \"tokenFile\": \"{token}\"";
        bed.Configure("unix:" + own);

        Assert.Equal(1, await bed.Launch("--take-over").WaitForExitAsync());

        Assert.False(File.Exists(own));
        Assert.True(File.Exists(bed.UnixListen));
        await bed.VisitAsync();
        using TestClient unix = await Ends.ConnectUnixAsync(bed.UnixListen);
        await Ends.AssertEchoAsync(unix);
        Assert.False(old.HasExited);
    }

    private static async Task<bool> TryAsync(string path)
    {
        try
        {
            using TakeOverClient? client = await Task.Run(() => TakeOverClient.Connect(path, limits: new TakeOverLimits { EndTime = TimeSpan.Zero }));
            Assert.NotNull(client);
            ListenerDuplicates.Close(client.Listeners);
            ListenerDuplicates.Close(client.Admin);
            return true;
        }
        catch (TakeOverException)
        {
            return false;
        }
    }

    private static async Task LimitAsync(int processId, int limit)
    {
        ProcessResult result = await ChildProcess.RunAsync(Prlimit, [$"--pid={processId}", $"--nofile={limit}:"]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private static int SoftLimit(int processId) => int.Parse(
        File.ReadLines($"/proc/{processId}/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);

    /// <summary>Until no session is left whose sockets would be counted.</summary>
    private static async Task SettleAsync(ChildProcess process)
    {
        int last = -1;
        await Eventually.HoldsAsync(() => last == (last = process.SocketCount), "its sockets are those of its listeners");
    }
}
