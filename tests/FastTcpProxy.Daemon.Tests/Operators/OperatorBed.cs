using System.Net;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>The real program with a service "mail" before two upstreams, and its commands. The test that made it disposes it.</summary>
internal sealed class OperatorBed : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private OperatorBed(TempFolder folder) => _folder = folder;

    public EchoUpstream Primary { get; } = new();

    public EchoUpstream Secondary { get; } = new();

    public IPEndPoint Listen { get; } = FreePort.Loopback();

    public ProxyProcess Proxy { get; private set; } = null!;

    public TempFolder Folder => _folder;

    public string Socket => _folder["admin.sock"];

    public static async Task<OperatorBed> StartAsync(bool stored = true, string service = "", Action<OperatorBed>? prepare = null)
    {
        OperatorBed bed = new(new TempFolder("ops"));
        prepare?.Invoke(bed);
        bed.Proxy = await ProxyProcess.StartAsync(bed.Configuration(stored, service));
        await ServedSocket.AwaitAsync(bed.Socket, "the administrative socket is there");
        return bed;
    }

    /// <param name="stored">Whether overrides outlive the process.</param>
    /// <param name="service">More keys of the service, each with a comma behind it.</param>
    public string Configuration(bool stored = true, string service = "") =>
        $$"""
        { "services": [{ "name": "mail", "listen": ["{{Listen}}"], "mode": "raw", {{service}}
            "upstreams": [
              { "name": "primary", "address": "{{Primary.EndPoint}}" },
              { "name": "secondary", "address": "{{Secondary.EndPoint}}" } ] }],
          "admin": { "socket": "{{Socket}}"{{(stored ? $", \"stateDirectory\": \"{_folder["state"]}\"" : "")}} } }
        """;

    /// <summary>Runs a command against the proxy to its end.</summary>
    /// <param name="line">Words with one blank between them.</param>
    public Task<ProcessResult> RunAsync(string line) => RunAsync(line.Split(' '));

    public Task<ProcessResult> RunAsync(params string[] words) => ProxyExecutable.RunAsync([.. words, "--socket", Socket]);

    /// <summary>Runs a command that must do what it says, and returns its standard output.</summary>
    public async Task<string> DoAsync(string line)
    {
        ProcessResult result = await RunAsync(line);
        Assert.True(result.ExitCode == 0, $"{line}: exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output;
    }

    /// <summary>A client that is proxied to an upstream.</summary>
    public async Task<TestClient> JoinAsync()
    {
        TestClient client = await TestClient.ConnectAsync(Listen);
        await client.SendAsync("hello");
        await client.ReceiveUntilAsync("hello");
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Proxy.Dispose();
        await Primary.DisposeAsync();
        await Secondary.DisposeAsync();
        _folder.Dispose();
    }
}
