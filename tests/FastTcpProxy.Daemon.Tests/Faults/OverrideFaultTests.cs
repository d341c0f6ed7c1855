using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Daemon.Tests.Upgrade;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Faults;

/// <summary>
/// Each system call with which a change of an operator is written fails, takes its time, or is the last of the process. The calls are those
/// that a trace of a good one shows. Real processes. Some of the cases run; with FASTTCPPROXY_FAULTS=all each of them.
/// </summary>
public sealed partial class OverrideFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Route = "/v1/services/s/upstreams/u/override";
    private const string FileCalls = "%file,%desc";

    /// <summary>Without these the change is not on the disk.</summary>
    private static readonly string[] Decisive = ["openat", "pwrite64", "fsync", "rename"];

    private readonly UpgradeBed _bed = new();
    private ChildProcess _proxy = null!;
    private int _number;

    private string StateFolder => _bed.Folder["state"];

    private string StateFile => Path.Combine(StateFolder, "overrides.json");

    private string[] StatePaths => [StateFolder, StateFile, StateFile + ".new", Path.Combine(StateFolder, "lock")];

    public async ValueTask InitializeAsync()
    {
        Strace.SkipUnlessUsable();
        _bed.Admin = $"\"stateDirectory\": \"{StateFolder}\"";
        _bed.Configure();
        _proxy = await _bed.StartAsync();
        await SetAsync();
    }

    public async ValueTask DisposeAsync() => await _bed.DisposeAsync();

    [Fact]
    public async Task Write_AnyCallFails_IsDoneOrRefused_AndMemoryAndDiskAgree()
    {
        int refused = 0;
        CallFault[] faults = [.. CallFault.Choose(
            from call in await CallsAsync() from error in Errors(call.Call) select new CallFault(call.Call, Once(call.Time), error), 6)];
        foreach (CallFault fault in faults)
        {
            string before = await HeldAsync();
            await using TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, FileCalls, StatePaths, fault);
            (int status, string answer) = await PutAsync(++_number);
            Assert.True(TracedCalls.HasHappened(await traced.StopAsync()), $"{fault} has not happened");

            if (status != 200)
            {
                refused++;
                Assert.True(status == 507, $"{fault}: {status} {answer}");
                Assert.Contains("nothing was changed: ", answer);
                Assert.Contains(StateFolder, answer);
                // The last: the framework takes what stat(2) cannot look at for something that is missing.
                Assert.True(Reason().IsMatch(answer), $"{fault}: {answer}");
                Assert.Contains("then try again", answer);
            }
            bool mustSucceed = fault.What == "error=EINTR", mustFail = !mustSucceed && Decisive.Contains(fault.Call);
            Assert.True(!(mustSucceed && status != 200) && !(mustFail && status == 200), $"{fault}: {status} {answer}");
            string expected = status == 200 ? Text(_number) : before;
            Assert.True(expected == await HeldAsync() && expected == Stored(),
                $"{fault}: {status}, expected {expected}, held {await HeldAsync()}, stored {Stored()}");
            Assert.False(File.Exists(StateFile + ".new"), fault.ToString());
        }
        await SetAsync();
        output.WriteLine($"{faults.Length} cases, {refused} refused");
        Assert.True(refused > 0);
    }

    /// <summary>
    /// It is written, cannot be brought to the disk, and cannot be put back either: it says that the two disagree, and the next change
    /// mends it.
    /// </summary>
    [Fact]
    public async Task Write_NothingMoreCanBeOpened_SaysThatDiskAndMemoryDisagree()
    {
        string before = await HeldAsync();
        await using (TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, FileCalls, StatePaths,
            new CallFault("openat", "2+", "error=EMFILE")))
        {
            (int status, string answer) = await PutAsync(++_number);
            Assert.Equal(507, status);
            Assert.Contains("the old content could not be restored: the change may be in force after a restart", answer);
            Assert.Equal(before, await HeldAsync());
            Assert.Equal(Text(_number), Stored());
        }
        await SetAsync();
    }

    [Fact]
    public async Task Write_AnyCallIsSlow_OthersAreServedAndASecondOperatorWaits()
    {
        CallFault[] faults =
            [.. CallFault.Choose((await CallsAsync()).Select(c => new CallFault(c.Call, Once(c.Time), CallFault.Delayed)), 5)];
        await using Visitors visitors = new(_bed.Listen);
        foreach (CallFault fault in faults)
        {
            await using TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, FileCalls, StatePaths, fault);
            Task<(int Status, string Answer)> first = PutAsync(++_number), second = PutAsync(++_number);
            await visitors.AreServedAsync($"during {fault}");

            foreach ((int status, string answer) in await Task.WhenAll(first, second))
                Assert.True(status == 200, $"{fault}: {status} {answer}");
            Assert.True(TracedCalls.HasHappened(await traced.StopAsync()), $"{fault} has not happened");
            Assert.Equal(await HeldAsync(), Stored());
            Assert.Contains(Stored(), (string[])[Text(_number - 1), Text(_number)]);
        }
        Assert.True(visitors is { Refused: 0, Silent: 0, Cut: 0 }, visitors.ToString());
        output.WriteLine($"{faults.Length} cases; {visitors}");
    }

    [Fact]
    public async Task Write_KilledAtAnyCall_TheNextStartReadsTheOldOrTheNew()
    {
        int written = 0;
        CallFault[] faults =
            [.. CallFault.Choose((await CallsAsync()).Select(c => new CallFault(c.Call, Once(c.Time), CallFault.Killed)), 5)];
        foreach (CallFault fault in faults)
        {
            string before = await HeldAsync();
            await using TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, FileCalls, StatePaths, fault);
            (int status, _) = await PutAsync(++_number);
            await _proxy.WaitForExitAsync();
            Assert.NotEqual(200, status);

            _proxy = await _bed.StartAsync();
            string held = await HeldAsync();
            Assert.True(held == before || held == Text(_number), $"{fault}: {held}");
            Assert.Equal(held, Stored());
            if (held != before) written++;
            await SetAsync();
            Assert.Equal(["lock", "overrides.json"], Directory.GetFileSystemEntries(StateFolder).Select(f => Path.GetFileName(f)).Order());
        }
        output.WriteLine($"{faults.Length} kills, {written} after it was written");
    }

    private static IEnumerable<string> Errors(string call) => call switch
    {
        "openat" => ["error=EIO", "error=ENOSPC", "error=EMFILE", "error=EINTR"],
        "pwrite64" or "fsync" or "rename" => ["error=EIO", "error=ENOSPC", "error=EINTR"],
        "unlink" => ["error=EIO", "error=EINTR"],
        _ => ["error=EIO"],
    };

    private static string Once(int time) => time.ToString(CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<(string Call, int Time)>> CallsAsync()
    {
        await using TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, FileCalls, StatePaths);
        await SetAsync();
        IReadOnlyList<(string Call, int Time)> calls =
            TracedCalls.OfThread(await traced.StopAsync(), l => l.Contains("rename(", StringComparison.Ordinal));
        // Else the trace has missed it.
        Assert.All([.. Decisive, "close", "unlink"], name => Assert.Contains(calls, c => c.Call == name));
        return calls;
    }

    /// <summary>A change without a fault.</summary>
    private async Task SetAsync()
    {
        (int status, string answer) = await PutAsync(++_number);
        Assert.True(status == 200, answer);
        Assert.Equal(Text(_number), Stored());
        Assert.Equal(Text(_number), await HeldAsync());
    }

    private async Task<(int Status, string Answer)> PutAsync(int number)
    {
        await ServedSocket.AwaitAsync(_bed.AdminSocket, "its administrative socket is there");
        ProcessResult curl = await Curl.RunAsync(_bed.AdminSocket, Route, "-X", "PUT", "-H", "If-Match: *", "-H",
            "Content-Type: application/json",
            "-d", $$"""{ "state": "enabled", "reason": "{{number}}" }""", "-w", "\n%{http_code}");
        string[] lines = curl.Output.TrimEnd().Split('\n');
        return (curl.ExitCode == 0 ? int.Parse(lines[^1], CultureInfo.InvariantCulture) : 0, lines[0]);
    }

    /// <summary>The number of the change that is in force.</summary>
    private async Task<string> HeldAsync()
    {
        ProcessResult curl = await Curl.RunAsync(_bed.AdminSocket, Route);
        Assert.True(curl.ExitCode == 0, curl.Error);
        using JsonDocument document = JsonDocument.Parse(curl.Output);
        return document.RootElement.GetProperty("reason").GetString()!;
    }

    /// <summary>The number of the change that is on the disk.</summary>
    private string Stored()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(StateFile));
        return document.RootElement.GetProperty("upstreams")[0].GetProperty("reason").GetString()!;
    }

    [GeneratedRegex("Input/output error|No space left on device|Too many open files|Could not find ")]
    private static partial Regex Reason();
}
