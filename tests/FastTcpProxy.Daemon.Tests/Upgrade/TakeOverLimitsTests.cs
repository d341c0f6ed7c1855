using System.Globalization;
using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// A take-over with too few descriptors in either process, and what is left of one that has failed. Real processes. Each test owns its
/// processes.
/// </summary>
public sealed partial class TakeOverLimitsTests
{
    private const string Prlimit = "/usr/bin/prlimit";

    /// <summary>
    /// Free descriptors that are tried, from none upwards. A take-over takes six; the others are for what the runtime opens meanwhile.
    /// </summary>
    private const int FreeMax = 24;

    /// <summary>
    /// Limits of the next process: from what no runtime begins with, in steps, to above what it needs with four threads; and one that
    /// leaves the process after it all it may want.
    /// </summary>
    private const int LimitMin = 50, LimitStep = 16, LimitsTried = 20, LimitEnough = 1000;

    /// <summary>What is open at the start differs by a few from run to run.</summary>
    private const int Spread = 6;

    /// <summary>From no free descriptor upwards: what does not work leaves nothing behind, and the old process continues.</summary>
    [Fact]
    public async Task OldProcess_WithTooFewDescriptors_GoesOnAndKeepsNothing()
    {
        Assert.SkipUnless(File.Exists(Prlimit), "prlimit");
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync("--threads", "2");
        string path = TakeOverServer.PathFor(bed.AdminSocket);
        await bed.AwaitsNextAsync();
        await bed.VisitAsync();
        await SettleAsync(old);
        List<string> reasons = [];
        // The libraries that it needs are loaded then.
        Assert.Null(await TryAsync(path));
        await old.Error.WaitForLineAsync(l => l.Contains(" 7002 ", StringComparison.Ordinal), "the duplicates are closed");
        using Ballast ballast = await Ballast.FillAsync(old.Id, bed.Listen);
        int sockets = old.SocketCount, before = SoftLimit(old.Id);
        string? reason = "none was tried";
        for (int free = 0; reason is not null; free++)
        {
            Assert.True(free < FreeMax, $"not enough with {free - 1} free descriptors: {reason}\n{old.Error.Tail()}");
            await LimitAsync(old.Id, Ballast.LimitFor(old.Id, free));
            reason = await TryAsync(path);
            await LimitAsync(old.Id, before);
            if (reason is not null) reasons.Add(reason);
            await Eventually.EqualsAsync(sockets, () => old.SocketCount, $"nothing is left open with {free} free descriptors");
            await bed.VisitAsync();
            await SettleAsync(old);
        }
        // It says so, and at once: a client that is not served waits until its time is over, and knows nothing then.
        Assert.All(reasons, r => Assert.Contains("raise the limit for descriptors (LimitNOFILE, ulimit -n)", r));
        Assert.Contains(reasons, r => r.Contains($"the running process, {old.Id}, passes no sockets: "
            + "no descriptor is left for the connection", StringComparison.Ordinal));
        Assert.Contains(reasons,
            r => r.Contains($"the running process, {old.Id}, passes no sockets: the listeners of ", StringComparison.Ordinal));
        ballast.Dispose();
        await bed.FollowAsync(old);
        Assert.Equal(0, await old.WaitForExitAsync());
        await bed.VisitAsync();
    }

    /// <summary>Not even the spare one helps: the client waits, and the log has one line of it, not one for each look.</summary>
    [Fact]
    public async Task OldProcess_WithNoDescriptorAtAll_SaysSoOnceAndServesWhenThereIsOne()
    {
        Strace.SkipUnlessUsable();
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        await bed.AwaitsNextAsync();
        // Three looks of two accepts each.
        using ChildProcess strace = await Strace.AttachAsync(old.Id, "accept4", "error=EMFILE", "1..6");

        ChildProcess next = await bed.FollowAsync(old);

        await bed.VisitAsync();
        string said = Assert.Single(old.Error.Snapshot(), l => l.Contains(" 7002 ", StringComparison.Ordinal));
        Assert.Contains("no descriptor is left for the connection: raise the limit", said);
        Assert.False(next.HasExited);
    }

    /// <summary>
    /// From what the runtime cannot begin with to what is enough for all: below the number that a refusal names it ends and says so, above
    /// it takes over, and no visitor notices either.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task NewProcess_EachLimit_EndsOrServes(int threads)
    {
        Assert.SkipUnless(File.Exists(Prlimit), "prlimit");
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess now = await bed.StartAsync("--threads", "2");
        await using Visitors visitors = new(bed.Listen, atOnce: 1);
        List<(int Limit, bool TookOver)> outcomes = [];
        List<int> needed = [];
        foreach (int limit in Enumerable.Range(0, LimitsTried).Select(i => LimitMin + (i * LimitStep)).Append(LimitEnough))
        {
            await bed.AwaitsNextAsync();
            ChildProcess next = bed.Launch(
                [Prlimit, string.Create(CultureInfo.InvariantCulture, $"--nofile={limit}"), ProxyExecutable.FilePath, "run", "--config",
                    bed.ConfigurationPath, "--take-over", "--threads", $"{threads}"],
                new Dictionary<string, string?>());
            await Eventually.HoldsAsync(() => next.HasExited || now.HasExited, $"one of the two ends with {limit}",
                detail: () => next.Error.Tail());
            outcomes.Add((limit, !next.HasExited));
            if (Needed().Match(next.Error.ToString()) is { Success: true } match)
                needed.Add(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            await visitors.AreServedAsync(string.Create(CultureInfo.InvariantCulture, $"with a limit of {limit}"));
            Assert.True(visitors is { Refused: 0, Silent: 0 }, $"{limit}: {visitors}");
            if (!next.HasExited) now = next;
        }

        string all = string.Join(", ", outcomes);
        Assert.NotEmpty(needed);
        Assert.All(outcomes.Where(o => o.Limit < needed.Min() - Spread),
            o => Assert.False(o.TookOver, $"{o.Limit} is too few, and it took over all the same: {all}"));
        Assert.All(outcomes.Where(o => o.Limit > needed.Max() + Spread),
            o => Assert.True(o.TookOver, $"{o.Limit} is enough, expected {needed.Max()}, and it did not take over: {all}"));
        // The sweep has both sides of it.
        Assert.True(outcomes[0].Limit < needed.Min() - Spread && outcomes[^2].Limit > needed.Max() + Spread,
            $"{needed.Min()} to {needed.Max()}: {all}");
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

    /// <returns>Why it has come to nothing; null: all came.</returns>
    private static async Task<string?> TryAsync(string path)
    {
        try
        {
            using TakeOverClient? client = await Task.Run(() => TakeOverClient.Connect(path,
                limits: new TakeOverLimits { TransferTime = Deadline.Patient, EndTime = TimeSpan.Zero }));
            Assert.NotNull(client);
            ListenerDuplicates.Close(client.Listeners);
            ListenerDuplicates.Close(client.Admin);
            return null;
        }
        catch (TakeOverException e)
        {
            return e.Message;
        }
    }

    private static async Task LimitAsync(int processId, int limit)
    {
        ProcessResult result = await ChildProcess.RunAsync(Prlimit, [$"--pid={processId}", $"--nofile={limit}:"]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private static int SoftLimit(int processId) => int.Parse(
        File.ReadLines($"/proc/{processId}/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);

    /// <summary>Until no session is left whose sockets would be counted.</summary>
    private static async Task SettleAsync(ChildProcess process)
    {
        int last = -1;
        await Eventually.HoldsAsync(() => last == (last = process.SocketCount), "its sockets are those of its listeners");
    }

    [GeneratedRegex("expected at least ([0-9]+)")]
    private static partial Regex Needed();
}
