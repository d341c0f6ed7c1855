using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.NoLoss.Runs;

/// <summary>Two echo servers, a folder for the proxy, and the address of its clients. Made and disposed by one task; it owns all of them, and the proxies that were started.</summary>
internal sealed class Stage(string program) : IAsyncDisposable
{
    private readonly EchoUpstream _a = new();
    private readonly EchoUpstream _b = new();
    private readonly TempFolder _folder = new("no-loss");
    private readonly List<ChildProcess> _proxies = [];

    public IPEndPoint Proxy { get; } = FreePort.Loopback();

    private IPEndPoint Extra { get; } = FreePort.Loopback();

    /// <summary>Writes the configuration of a number: each of four differs from the others in what a reload can change.</summary>
    public void Configure(int number)
    {
        string a = $$"""{ "name": "a", "address": "{{_a.EndPoint}}" }""", b = $$"""{ "name": "b", "address": "{{_b.EndPoint}}" }""";
        string extra = $$"""{ "name": "extra", "listen": ["{{Extra}}"], "mode": "raw", "upstreams": [{{b}}] }""";
        string name = number % 4 == 2 ? "renamed" : "main";
        string main = $$"""
            { "name": "{{name}}", "listen": ["{{Proxy}}"{{(number % 4 == 3 ? $", \"{Extra}\"" : "")}}], "mode": "raw", "connectTimeout": "{{3 + number % 4}}s",
              "upstreams": [{{(number % 2 == 0 ? $"{a}, {b}" : $"{b}, {a}")}}] }
            """;
        _folder.Write("proxy.json", $$"""
            { "services": [{{main}}{{(number % 4 == 1 ? $", {extra}" : "")}}],
              "engine": { "threads": 2 }, "log": { "format": "none" }, "admin": { "socket": "{{_folder["admin.sock"]}}", "stateDirectory": "{{_folder["state"]}}" } }
            """);
    }

    /// <summary>Starts a proxy and waits until it is ready.</summary>
    public async Task<ChildProcess> StartAsync(params string[] arguments)
    {
        ChildProcess proxy = ChildProcess.Start(program, ["run", "--config", _folder["proxy.json"], .. arguments], ProxyExecutable.Environment);
        _proxies.Add(proxy);
        await proxy.Error.WaitForLineAsync(line => line.Contains(" 1002 ", StringComparison.Ordinal), "the proxy is ready");
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess proxy in _proxies) proxy.Dispose();
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        _folder.Dispose();
    }
}
