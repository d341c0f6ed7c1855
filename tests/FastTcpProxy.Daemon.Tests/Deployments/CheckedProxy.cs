using System.Text.Json;
using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.Tests.Admin.Routes;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Deployments;

/// <summary>
/// A proxy whose services have one upstream each, with checks at short intervals, and the waits for what they find out.
/// One test at a time; it owns the process and its folder.
/// </summary>
internal sealed class CheckedProxy : IDisposable
{
    private readonly TempFolder _folder;
    private readonly ProxyProcess _proxy;

    private readonly AdminHttp _http;

    private CheckedProxy(TempFolder folder, ProxyProcess proxy) => (_folder, _proxy, _http) = (folder, proxy, new(Socket(folder)));

    public ProxyProcess Process => _proxy;

    public static async Task<CheckedProxy> StartAsync(params DeployedService[] services)
    {
        TempFolder folder = new("admin");
        try
        {
            ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(folder, services));
            await ServedSocket.AwaitAsync(Socket(folder), "the proxy answers operators", () => proxy.Child.Error.Tail());
            return new CheckedProxy(folder, proxy);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Reloads with other services at the same addresses.</summary>
    public async Task ReloadAsync(params DeployedService[] services)
    {
        File.WriteAllText(_proxy.ConfigurationPath, Configuration(_folder, services));
        (await _http.PostAsync("/v1/reload")).Is(200);
    }

    /// <summary>Waits for a line of the event log that follows after the first <paramref name="after"/> lines.</summary>
    public Task<string> WaitForEventAsync(string service, string text, long after = 0) => _proxy.Child.Error.WaitForLineAsync(
        line => line.Contains($"service {service}: upstream a is ", StringComparison.Ordinal)
            && line.Contains(text, StringComparison.Ordinal),
        $"an event of service {service}: {text}", after: after);

    /// <summary>Waits until each upstream has ended at least so many more checks, and is up.</summary>
    public async Task WaitForChecksAsync(int rounds)
    {
        Dictionary<string, long> before = (await ReadAsync()).ToDictionary(health => health.Service, health => health.Checks);
        await Eventually.HoldsAsync(
            async () => (await ReadAsync()).All(health => health.State == "up" && health.Checks >= before[health.Service] + rounds),
            $"{rounds} more checks of every upstream, and all of them up",
            detail: () => _proxy.Child.Error.Tail());
    }

    /// <summary>The server's processes are stopped for a while: the upstream is down meanwhile.</summary>
    /// <param name="server">The server of all services.</param>
    /// <param name="hung">The services, and an expression for the steps of their checks that may be under way at that moment.</param>
    public async Task AssertHangIsSeenAsync(PeerProcess server, params (string Service, string Steps)[] hung)
    {
        long mark = _proxy.Child.Error.Count;
        server.Child.SignalAll(UnixSignal.Stop);
        foreach ((string service, string steps) in hung)
        {
            Regex down = new($"service {service}: upstream a is down: ({steps})timed out waiting for the answer ");
            await _proxy.Child.Error.WaitForLineAsync(down.IsMatch, down.ToString(), after: mark);
        }

        mark = _proxy.Child.Error.Count;
        server.Child.SignalAll(UnixSignal.Continue);
        foreach ((string service, _) in hung) await WaitForEventAsync(service, "is up: ", mark);
    }

    /// <summary>The server is killed and started anew: the upstreams of the services are down meanwhile.</summary>
    public async Task AssertEndIsSeenAsync(PeerProcess server, IEnumerable<string> services)
    {
        long mark = _proxy.Child.Error.Count;
        await server.KillAsync();
        foreach (string service in services)
        {
            await WaitForEventAsync(service, "is down: ", mark);
            // A check under way at the end sees another failure first, and "still down, now" has this one.
            await WaitForEventAsync(service, "connect refused by 127.0.0.1:", mark);
        }

        mark = _proxy.Child.Error.Count;
        await server.RestartAsync();
        foreach (string service in services) await WaitForEventAsync(service, "is up: ", mark);
    }

    public void Dispose()
    {
        _http.Dispose();
        _proxy.Dispose();
        _folder.Dispose();
    }

    private static string Configuration(TempFolder folder, DeployedService[] services) => $$"""
        {
          "services": [{{string.Join(", ", services.Select(s => ServiceText.Service(s.Name, [s.Listen], [s.Upstream], s.Mode,
              $$"""  "healthCheck": { "interval": "250ms", "timeout": "1s", {{s.Check}} }, """)))}}],
          "admin": { "socket": "{{Socket(folder)}}" },
        }
        """;

    private static string Socket(TempFolder folder) => folder["s"];

    private async Task<(string Service, string State, long Checks)[]> ReadAsync()
    {
        JsonElement status = (await _http.GetAsync("/v1/status")).Is(200).Json;
        return
        [
            .. from service in status.GetProperty("services").EnumerateArray()
               let health = service.GetProperty("upstreams")[0].GetProperty("health")
               select (service.GetProperty("name").GetString()!, health.GetProperty("state").GetString()!,
                   health.GetProperty("checks").GetInt64()),
        ];
    }
}
