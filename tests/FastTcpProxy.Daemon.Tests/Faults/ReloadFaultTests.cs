using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.Upgrade;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Faults;

/// <summary>
/// Each system call with which a reload reads its file and changes what is listened on fails, takes its time, or is the last of the
/// process: all of it is in force or nothing, and nothing is left open. The calls are those that a trace of a good one shows. Real
/// processes. Some of the cases run; with FASTTCPPROXY_FAULTS=all each.
/// </summary>
public sealed class ReloadFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>As a pattern: not every machine has each of them.</summary>
    private const string Calls =
        "/^(stat|lstat|newfstatat|statx|fstat|readlink|readlinkat|openat|open|flock|pread64|close|socket|setsockopt|getsockopt|bind|"
        + "getsockname|getpeername|listen|connect|"
        + "shutdown|fcntl|fchmod|chmod|fchmodat|fchownat|unlink|unlinkat|accept4|epoll_ctl|dup3|dup)$";

    private readonly UpgradeBed _bed = new() { Engine = "\"threads\": 2" };
    private readonly IPEndPoint _second = FreePort.Loopback();
    private ChildProcess _proxy = null!;
    private string _few = "", _many = "";

    /// <summary>With a mode and a group of its own.</summary>
    private string SecondUnix => _bed.Folder["second"];

    private EndPoint[] Always => [_bed.Listen, new UnixDomainSocketEndPoint(_bed.UnixListen)];

    private EndPoint[] Added => [_second, new UnixDomainSocketEndPoint(SecondUnix)];

    public async ValueTask InitializeAsync()
    {
        Strace.SkipUnlessUsable();
        _bed.Configure();
        _few = await File.ReadAllTextAsync(_bed.ConfigurationPath);
        _many = _few.Replace("\"listen\": [", $$"""
            "listen": ["{{_second}}", { "address": "unix:{{SecondUnix}}", "mode": "0660", "group": "root" }, 
            """, StringComparison.Ordinal);
        _proxy = await _bed.StartAsync();
        // What it opens once, by the first client or the first reload, it has opened then.
        await PutAsync(_many);
        await AssertServedAsync([.. Always, .. Added], "at the start");
        // Nor does a later client need one more socket for its upstream than those that each loop keeps.
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => AssertServedAsync([_bed.Listen], "at the start")));
        await PutAsync(_few);
    }

    public async ValueTask DisposeAsync() => await _bed.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reload_AnyCallFails_AllOrNothingAndNothingIsLeftOpen(bool adds)
    {
        (string old, string next) = adds ? (_few, _many) : (_many, _few);
        // SO_LINGER, the only option that is set when listeners go, does not fail on Linux; the framework would leave its descriptor open.
        IEnumerable<(string Call, int Time)> calls = (await CallsAsync(old, next)).Where(c => adds || c.Call != "setsockopt");
        await FailAsync(old, next,
            [.. CallFault.Choose(
                from call in calls from error in Errors(call.Call) select new CallFault(call.Call, Once(call.Time), error), 17)]);
    }

    /// <summary>Of TCP and of UNIX addresses, whichever it is that the last descriptor is missing for.</summary>
    [Fact]
    public async Task Reload_NoDescriptorForASocket_IsRefusedWithTheAddress() =>
        await FailAsync(_few, _many,
            [.. (await CallsAsync(_few, _many)).Where(c => c.Call == "socket")
                .Select(c => new CallFault(c.Call, Once(c.Time), "error=EMFILE"))]);

    private async Task FailAsync(string old, string next, CallFault[] faults)
    {
        int refused = 0;
        await PutAsync(_few);
        await RestAsync(_few, "at the start");
        int open = _proxy.DescriptorCount;
        foreach (CallFault fault in faults)
        {
            if (old != _few) await PutAsync(old);
            string line;
            int happened;
            await using (TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, Calls, [], fault))
            {
                line = await ReloadAsync(next);
                happened = TracedCalls.CountOf(await traced.StopAsync());
                Assert.True(happened > 0, $"{fault} has not happened: {line}");
            }
            bool applied = line.Contains(" info 6110 ", StringComparison.Ordinal);
            if (!applied)
            {
                refused++;
                Assert.True(Names(line), $"{fault}: {line}");
            }
            // What cannot be told from another's file, or cannot be removed, stays. The next bind replaces it.
            bool fileMayStay = fault.Call is "statx" or "unlink";
            await RestAsync(applied ? next : old, $"after {fault}: {line}", fileMayStay);

            await PutAsync(next);
            await RestAsync(next, $"with the next reload after {fault}", fileMayStay);
            await PutAsync(_few);
            await RestAsync(_few, $"with the last reload after {fault}", fileMayStay);
            // The tracer answers in place of the kernel: what was to be closed is open still.
            if (fault.Call == "close") open += happened;
            await Eventually.HoldsAsync(() => _proxy.DescriptorCount <= open, $"nothing is left open by {fault}: {line}",
                detail: () => $"{_proxy.DescriptorCount} are open, expected {open}");
        }
        output.WriteLine($"{faults.Length} cases, {refused} refused");
    }

    [Fact]
    public async Task Reload_AnyCallIsSlow_ClientsAreServed()
    {
        CallFault[] faults =
            [.. CallFault.Choose((await CallsAsync(_few, _many)).Select(c => new CallFault(c.Call, Once(c.Time), CallFault.Delayed)), 17)];
        int happened = 0;
        await using Visitors visitors = new(_bed.Listen);
        foreach (CallFault fault in faults)
        {
            await PutAsync(_few);
            await using TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, Calls, [], fault);
            Task<string> reload = ReloadAsync(_many);
            await visitors.AreServedAsync($"during {fault}");
            Assert.Contains(" info 6110 ", await reload);
            // The runtime makes some calls in one reload and not in the next.
            if (TracedCalls.HasHappened(await traced.StopAsync())) happened++;
            await RestAsync(_many, $"after {fault}");
        }
        Assert.True(happened > faults.Length / 2, $"{happened} of {faults.Length} have happened");
        Assert.True(visitors is { Refused: 0, Silent: 0, Cut: 0 }, visitors.ToString());
        output.WriteLine($"{faults.Length} cases; {visitors}");
    }

    [Fact]
    public async Task Reload_KilledAtAnyCall_TheNextStartServes()
    {
        CallFault[] faults =
            [.. CallFault.Choose((await CallsAsync(_few, _many)).Select(c => new CallFault(c.Call, Once(c.Time), CallFault.Killed)), 17)];
        foreach (CallFault fault in faults)
        {
            await PutAsync(_few);
            await using (TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, Calls, [], fault))
            {
                await WriteAsync(_many);
                _proxy.Signal(UnixSignal.Hangup);
                await _proxy.WaitForExitAsync();
            }
            _proxy = await _bed.StartAsync();
            await RestAsync(_many, $"at the start after {fault}");
        }
        output.WriteLine($"{faults.Length} kills");
    }

    private static string Once(int time) => time.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Errors(string call) => call switch
    {
        "openat" or "socket" => ["error=EIO", "error=EMFILE"],
        "fcntl" or "accept4" => ["error=EMFILE"],
        "bind" or "listen" => ["error=EIO", "error=EADDRINUSE"],
        "setsockopt" => ["error=ENOBUFS"],
        "epoll_ctl" => ["error=ENOSPC"],
        "pread64" or "flock" => ["error=EIO", "error=EINTR"],
        _ => ["error=EIO"],
    };

    /// <summary>Whether the line of a refusal says what was wrong, and where.</summary>
    private bool Names(string line) => line.Contains(_bed.ConfigurationPath, StringComparison.Ordinal)
        && (line.Contains($"cannot listen on {_second}: ", StringComparison.Ordinal)
            || line.Contains($"cannot listen on unix:{SecondUnix}: ", StringComparison.Ordinal)
            || line.Contains("the file cannot be read: ", StringComparison.Ordinal)
            || line.Contains("the file is empty", StringComparison.Ordinal)
            || line.Contains("there is no such file", StringComparison.Ordinal) || line.Contains("/etc/group", StringComparison.Ordinal));

    private async Task<IReadOnlyList<(string Call, int Time)>> CallsAsync(string old, string next)
    {
        await PutAsync(old);
        await using TracedCalls traced = await TracedCalls.StartAsync(_proxy.Id, Calls, []);
        Assert.Contains(" info 6110 ", await ReloadAsync(next));
        IReadOnlyList<(string Call, int Time)> calls = TracedCalls.OfThread(await traced.StopAsync(),
            l => l.Contains($"\"{_bed.ConfigurationPath}\", O_RDONLY", StringComparison.Ordinal));
        // Else the trace has missed it.
        Assert.Contains(calls, c => c.Call == "pread64");
        Assert.Contains(calls, c => c.Call == (next == _many ? "bind" : "unlink"));
        return calls;
    }

    /// <summary>A reload without a fault.</summary>
    private async Task PutAsync(string text) => Assert.Contains(" info 6110 ", await ReloadAsync(text));

    /// <returns>What the log says of it.</returns>
    private async Task<string> ReloadAsync(string text)
    {
        await WriteAsync(text);
        long lines = _proxy.Error.Count;
        _proxy.Signal(UnixSignal.Hangup);
        return await _proxy.Error.WaitForLineAsync(l => l.Contains(" info 6110 ", StringComparison.Ordinal)
            || l.Contains(" error 6111 ", StringComparison.Ordinal), "the reload is done", after: lines);
    }

    private Task WriteAsync(string text) => File.WriteAllTextAsync(_bed.ConfigurationPath, text);

    /// <summary>Waits until what is listened on is what a configuration says, and nothing else.</summary>
    private async Task RestAsync(string configuration, string when, bool fileMayStay = false)
    {
        await AssertServedAsync(Always, when);
        if (configuration == _many)
        {
            // A listener that was lost is opened again a moment later.
            await Eventually.HoldsAsync(() => ListeningSockets.Covers(_second) && UnixSocketFile.IsServed(SecondUnix),
                $"what comes is listened on {when}");
            await AssertServedAsync(Added, when);
            return;
        }
        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(_second)
            && (fileMayStay ? !UnixSocketFile.IsServed(SecondUnix) : !File.Exists(SecondUnix)), $"no one listens on what goes {when}");
    }

    /// <summary>Each address answers several clients, so that each of its sockets has had some.</summary>
    private static async Task AssertServedAsync(EndPoint[] addresses, string when)
    {
        byte[] answer = new byte[5];
        foreach (EndPoint address in addresses)
        {
            for (int i = 0; i < 4; i++)
            {
                using Socket client = new(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                using CancellationTokenSource bound = new(Deadline.Patient);
                try
                {
                    await client.ConnectAsync(address, bound.Token);
                    await client.SendAsync("hello"u8.ToArray(), bound.Token);
                    Assert.True(await client.ReceiveAsync(answer, bound.Token) > 0, $"{address} has cut a client off {when}");
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException)
                {
                    Assert.Fail($"{address} does not answer {when}: {e.Message}");
                }
            }
        }
    }
}
