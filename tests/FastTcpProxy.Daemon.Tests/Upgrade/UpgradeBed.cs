using System.Net;
using System.Text.Json;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// One configuration for the processes that follow each other, its upstream, and the folder of their sockets. One test owns it.
/// </summary>
internal sealed class UpgradeBed : IAsyncDisposable
{
    private readonly TempFolder _folder = new("up");
    private readonly EchoUpstream _upstream = new();
    private readonly List<ChildProcess> _processes = [];

    public IPEndPoint Listen { get; } = FreePort.Loopback();

    public string UnixListen => _folder["l"];

    public string AdminSocket => _folder["a"];

    public TempFolder Folder => _folder;

    /// <summary>The keys of "engine".</summary>
    public string Engine { get; set; } = "";

    /// <summary>More keys of "admin".</summary>
    public string Admin { get; set; } = "";

    /// <summary>More keys beside it.</summary>
    public string More { get; set; } = "";

    public string ConfigurationPath => _folder["proxy.json"];

    public string Configure(params string[] moreListen) => _folder.Write("proxy.json", $$"""
        {
          "services": [{
            "name": "s", "mode": "raw",
            "listen": [{{string.Join(", ", ((string[])[Listen.ToString(), "unix:" + UnixListen, .. moreListen]).Select(a => $"\"{a}\""))}}],
            "upstreams": [{ "name": "u", "address": "{{_upstream.EndPoint}}" }],
          }],
          "engine": { {{Engine}} },
          "admin": { "socket": "{{AdminSocket}}", {{Admin}} },
          {{More}}
        }
        """);

    /// <summary>Starts a process and waits until it says that it is ready.</summary>
    public async Task<ChildProcess> StartAsync(params string[] arguments)
    {
        ChildProcess process = Launch(arguments);
        await process.Error.WaitForLineAsync(l => l.Contains(" 1002 ready", StringComparison.Ordinal), "it is ready");
        return process;
    }

    public ChildProcess Launch(params string[] arguments) =>
        Launch([ProxyExecutable.FilePath, "run", "--config", ConfigurationPath, .. arguments], new Dictionary<string, string?>());

    /// <summary>The same with variables, or by a launcher.</summary>
    public ChildProcess Launch(string[] command, IReadOnlyDictionary<string, string?> environment)
    {
        Dictionary<string, string?> all = new(ProxyExecutable.Environment);
        foreach ((string name, string? value) in environment) all[name] = value;
        ChildProcess process = ChildProcess.Start(command[0], command[1..], all);
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts the next process, and waits until it has taken over.</summary>
    public async Task<ChildProcess> FollowAsync(ChildProcess now)
    {
        ChildProcess next = await StartAsync("--take-over");
        await next.Error.WaitForLineAsync(l => l.Contains(" 7005 ", StringComparison.Ordinal), "it has taken over");
        await now.Error.WaitForLineAsync(l => l.Contains(" 7004 ", StringComparison.Ordinal), "it has handed over");
        return next;
    }

    /// <summary>Waits until a process listens for the one that is to follow.</summary>
    public Task AwaitsNextAsync() => ServedSocket.AwaitAsync(TakeOverServer.PathFor(AdminSocket), "it waits for the next");

    /// <summary>A visit that ends well.</summary>
    public async Task VisitAsync()
    {
        using TestClient client = await TestClient.ConnectAsync(Listen);
        await client.SendAsync("hello");
        client.HalfClose();
        Assert.Equal("hello", await client.ReceiveToEndAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess process in _processes) process.Dispose();
        await _upstream.DisposeAsync();
        _folder.Dispose();
    }

    public static async Task<int> StopAsync(ChildProcess process)
    {
        process.Signal(UnixSignal.Terminate);
        return await process.WaitForExitAsync();
    }

    public static async Task<JsonElement> StatusAsync(string socket)
    {
        await ServedSocket.AwaitAsync(socket, "its administrative socket is there");
        ProcessResult curl = await Curl.RunAsync(socket, "/v1/status");
        Assert.True(curl.ExitCode == 0, curl.Error);
        using JsonDocument document = JsonDocument.Parse(curl.Output);
        return document.RootElement.Clone();
    }
}
