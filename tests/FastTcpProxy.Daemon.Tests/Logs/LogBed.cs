using System.Net;
using System.Text.Json;
using FastTcpProxy.Daemon.Tests.Running;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Logs;

/// <summary>The real program with its logs where a test wants them. One test owns it.</summary>
internal sealed class LogBed : IAsyncDisposable
{
    private readonly EchoUpstream _upstream = new();
    private readonly List<ChildProcess> _processes = [];

    public TempFolder Folder { get; } = new("logs");

    public IPEndPoint Listen { get; } = FreePort.Loopback();

    public string FilePath => Folder["sessions.log"];

    public string AdminSocket => Folder["a"];

    /// <summary>Writes the configuration.</summary>
    /// <param name="log">The keys of "log".</param>
    public string Configure(string log) => Folder.Write("proxy.json", $$"""
        {
          "services": [{ "name": "mail", "mode": "raw", "listen": ["{{Listen}}"],
            "upstreams": [{ "name": "u", "address": "{{_upstream.EndPoint}}" }] }],
          "log": { {{log}} },
          "admin": { "socket": "{{AdminSocket}}" },
        }
        """);

    /// <summary>Starts the program, and waits until it is ready.</summary>
    /// <param name="before">Commands of sh(1) in its process.</param>
    /// <param name="ownMounts">Whether they run in mounts of their own, which needs root.</param>
    public async Task<ChildProcess> StartAsync(string before = "", bool ownMounts = true, params string[] arguments)
    {
        string[] run = [ProxyExecutable.FilePath, "run", "--config", Folder["proxy.json"], .. arguments];
        string[] command = before.Length == 0 ? run
            : [.. ownMounts ? ["/usr/bin/unshare", "--mount"] : Array.Empty<string>(),
                "/bin/sh", "-c", $"set -e; {before}; exec \"$0\" \"$@\"", .. run];
        ChildProcess process = ChildProcess.Start(command[0], command[1..], ProxyExecutable.Environment);
        _processes.Add(process);
        await Eventually.HoldsAsync(() => ListeningSockets.Covers(Listen), "it listens", detail: () => process.Error.Tail());
        await ServedSocket.AwaitAsync(AdminSocket, "its administrative socket is there");
        return process;
    }

    public Task<ProcessResult> RunAsync(params string[] words) => ProxyExecutable.RunAsync([.. words, "--socket", AdminSocket]);

    /// <summary>So many sessions, one after another.</summary>
    public async Task VisitAsync(int count = 1)
    {
        for (int i = 0; i < count; i++) await StartTests.VisitAsync(Listen);
    }

    /// <summary>The ids in lines of the session log. Fails at a line that is none.</summary>
    public static List<string> Ids(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(IdOf)];

    private static string IdOf(string line)
    {
        using JsonDocument record = JsonDocument.Parse(line);
        return record.RootElement.GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess process in _processes) process.Dispose();
        await _upstream.DisposeAsync();
        Folder.Dispose();
    }
}
