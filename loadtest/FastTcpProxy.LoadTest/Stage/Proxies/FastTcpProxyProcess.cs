using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Stage.Proxies;

/// <summary>Our own program. Besides what every proxy does, it is reloaded and taken over. One task.</summary>
internal sealed class FastTcpProxyProcess(string program, ProxySetup setup, TempFolder folder) : ProxyUnderTest(setup, folder)
{
    /// <summary>Events of the operational log.</summary>
    private const string Reloaded = " 6110 ", NotReloaded = " 6111 ", TookOver = " 7005 ";

    private readonly List<ChildProcess> _earlier = [];

    /// <summary>Of a service or an address that some configurations have and others have not.</summary>
    private readonly IPEndPoint _extra = FreePort.Loopback();

    /// <summary>Where it is asked and told.</summary>
    public string AdminSocket => Folder["admin.sock"];

    public override void Start()
    {
        Configure(0);
        Process = Run();
    }

    public override Task DisableAsync() => SetDisabledAsync(true);

    public override Task EnableAsync() => SetDisabledAsync(false);

    /// <summary>Writes the configuration of a number: each of four differs from the others in what a reload can change.</summary>
    public void Configure(int number)
    {
        string check = Setup.HealthPort is { } port
            ? $$""", "healthCheck": { "url": "http://127.0.0.1:{{port}}/{name}", "interval":"""
            + $$""" "{{ProxySetup.CheckInterval.TotalMilliseconds}}ms", "timeout": "1s", "probes": { "successes": 1, "failures": 2 } }"""
            : "";
        string idle = Setup.IdleTimeout is { } timeout ? $", \"idleTimeout\": \"{timeout.TotalMilliseconds}ms\"" : "";
        string waits = Setup.AvoidsWaits ? ", \"hedge\": true, \"suspect\": true, \"passive\": true, \"failback\": true" : "";
        string a = $$"""{ "name": "a", "address": "{{Setup.A}}" }""", b = $$"""{ "name": "b", "address": "{{Setup.B}}" }""",
            c = $$"""{ "name": "c", "address": "{{Setup.C}}" }""";
        string name = number % 4 == 2 ? "renamed" : "main";
        string listen = number % 4 == 3 ? $"\"{Setup.Listen}\", \"{_extra}\"" : $"\"{Setup.Listen}\"";
        string another = number % 4 == 1
            ? $$""", { "name": "another", "listen": ["{{_extra}}"], "mode": "raw", "upstreams": [{{c}}] }"""
            : "";
        Folder.Write("proxy.json", $$"""
            { "services": [
                { "name": "{{name}}", "listen": [{{listen}}], "mode": "raw",
                  "connectTimeout": "{{Setup.ConnectTimeout.TotalMilliseconds + number % 4}}ms"{{idle}}{{waits}},
                  "upstreams": [{{(number % 2 == 0 ? $"{a}, {b}" : $"{b}, {a}")}}]{{check}} },
                { "name": "neighbour", "listen": ["{{Setup.Neighbour}}"], "mode": "raw", "upstreams": [{{c}}] }{{another}}],
              "engine": { "threads": {{ProxySetup.Threads}} }, "log": { "format": "none" },
              "admin": { "socket": "{{AdminSocket}}", "stateDirectory": "{{Folder["state"]}}" } }
            """);
    }

    /// <summary>Loads the configuration that was written last, by SIGHUP.</summary>
    /// <exception cref="InvalidOperationException">It was not loaded.</exception>
    public async Task ReloadAsync()
    {
        long before = Process!.Error.Count;
        Process.Signal(UnixSignal.Hangup);
        string line = await Process.Error.WaitForLineAsync(
            l => l.Contains(Reloaded, StringComparison.Ordinal) || l.Contains(NotReloaded, StringComparison.Ordinal), "the reload is over",
            after: before);
        if (line.Contains(NotReloaded, StringComparison.Ordinal)) throw new InvalidOperationException(line);
    }

    /// <summary>A new process takes over; the earlier one ends with its last session.</summary>
    public async Task UpgradeAsync()
    {
        ChildProcess next = Run("--take-over");
        _earlier.Add(Process!);
        Process = next;
        await next.Error.WaitForLineAsync(line => line.Contains(TookOver, StringComparison.Ordinal), "the new process has taken over");
    }

    /// <summary>A new process that is killed on its way to take over; the one that serves continues.</summary>
    /// <param name="after">How long it lives: shorter than a take-over takes.</param>
    /// <returns>False: it had taken over before it could be killed, and serves.</returns>
    public async Task<bool> KillUpgradeAsync(TimeSpan after)
    {
        ChildProcess next = Run("--take-over");
        await Task.Delay(after, CancellationToken.None);
        if (next.Error.Snapshot().Any(line => line.Contains(TookOver, StringComparison.Ordinal)))
        {
            _earlier.Add(Process!);
            Process = next;
            return false;
        }
        next.Signal(UnixSignal.Kill);
        await next.WaitForExitAsync();
        next.Dispose();
        return true;
    }

    /// <summary>The earlier processes that still run.</summary>
    public int Earlier => _earlier.Count(p => !p.HasExited);

    protected override IEnumerable<int> Processes => [ProcessId, .. _earlier.Where(p => !p.HasExited).Select(p => p.Id)];

    public override ValueTask DisposeAsync()
    {
        foreach (ChildProcess process in _earlier) process.Dispose();
        return base.DisposeAsync();
    }

    private ChildProcess Run(params string[] arguments) =>
        Launch(program, ["run", "--config", Folder["proxy.json"], .. arguments], ProxyExecutable.Environment);

    private async Task SetDisabledAsync(bool isDisabled)
    {
        using AdminClient client = new(AdminSocket);
        await client.SetDisabledAsync("main", "a", isDisabled);
    }
}
