using System.Globalization;
using FastTcpProxy.Daemon.Tests.Operators;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// What is said of a process that has handed over: by itself, by the next one, and when it has ended; and who has the state directory
/// meanwhile.
/// </summary>
public sealed class EarlierGenerationTests
{
    [Fact]
    public async Task OldProcess_SaysThatItDrains_AndItsSessionsAreNotForgotten()
    {
        await using UpgradeBed bed = new();
        bed.Admin = $"\"stateDirectory\": \"{bed.Folder["state"]}\"";
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        using TestClient client = await TestClient.ConnectAsync(bed.Listen);
        await client.SendAsync("x");
        await client.ReceiveUntilAsync("x");
        ChildProcess next = await bed.FollowAsync(old);
        string generation = old.Id.ToString(CultureInfo.InvariantCulture);
        await ServedSocket.AwaitAsync($"{bed.AdminSocket}.{generation}", "the old process has its own interface");

        ProcessResult drains = await RunAsync(bed, "status", "--generation", generation);
        ProcessResult sessions = await RunAsync(bed, "sessions", "list");
        ProcessResult events = await RunAsync(bed, "events");
        ProcessResult eventsBefore = await RunAsync(bed, "events", "--generation", generation);

        Assert.Equal(3, drains.ExitCode);
        Assert.Matches($@"\ndraining for \d+s, since \d\d\d\d-.*Z: process {next.Id} has taken over; sessions may continue\n",
            drains.Output);
        Assert.Equal($"no session\n1 more in generation {generation}, which drains: --generation {generation}", sessions.Output.TrimEnd());
        // Each process has its own events, and says where the others are.
        Assert.Equal($"warning: process {generation}, which drains, has its own events: --generation {generation}", events.Error.TrimEnd());
        Assert.Contains($" 7005 took over from process {generation}, version ", events.Output);
        Assert.Contains($"; its events: fasttcpproxy events --generation {generation}, and its log", events.Output);
        Assert.Contains($" 7004 process {next.Id} has taken over; 1 session may continue here", eventsBefore.Output);
        // The directory has passed on.
        Assert.Equal(0, (await RunAsync(bed, "upstream", "disable", "s", "u")).ExitCode);

        client.HalfClose();
        Assert.Equal("", await client.ReceiveToEndAsync());
        await old.WaitForExitAsync();

        UpstreamCommandTests.AssertFailed(
            await RunAsync(bed, "status", "--generation", generation), 1,
            $"there is no generation {generation}, or it has exited: no earlier generation is left");
    }

    [Fact]
    public async Task SecondProxy_WithTheSameStateDirectory_DoesNotStart_AndSaysWhoHasIt()
    {
        await using UpgradeBed first = new(), second = new();
        first.Admin = second.Admin = $"\"stateDirectory\": \"{first.Folder["state"]}\"";
        first.Configure();
        second.Configure();
        ChildProcess serving = await first.StartAsync();

        ChildProcess refused = second.Launch();

        await refused.Error.WaitForLineAsync(l => l.Contains($" error 1008 cannot start: admin.stateDirectory {first.Folder["state"]} is "
            + $"in use by process {serving.Id}, ", StringComparison.Ordinal), "it says who");
        Assert.Equal(1, await refused.WaitForExitAsync());
        serving.Signal(UnixSignal.Kill);
        await second.StartAsync();
    }

    private static Task<ProcessResult> RunAsync(UpgradeBed bed, params string[] words) =>
        ProxyExecutable.RunAsync([.. words, "--socket", bed.AdminSocket]);
}
