using System.Net;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>
/// The real program with a service "mail" on two upstreams, "primary" and one that has its UNIX address for a name, and a client of its
/// interface. A class's, or a test's own; it owns all of it.
/// </summary>
public sealed class RoutesBed : IAsyncLifetime
{
    private readonly TempFolder _folder = new("routes");

    internal string Socket => _folder["admin.sock"];

    internal string StateDirectory => _folder["state"];

    internal IPEndPoint Listen { get; } = FreePort.Loopback();

    internal EchoUpstream Primary { get; } = new();

    internal UnixEcho Second { get; } = new();

    internal string SecondName => $"unix:{Second.Path}";

    /// <summary>The path of an override; the name is encoded here.</summary>
    internal string Override(string upstream) => $"/v1/services/mail/upstreams/{Uri.EscapeDataString(upstream)}/override";

    internal ProxyProcess Proxy { get; private set; } = null!;

    internal AdminHttp Http { get; private set; } = null!;

    /// <param name="listen">Of the service.</param>
    /// <param name="keys">More of the service.</param>
    /// <param name="engine">The keys of "engine".</param>
    internal string Configuration(string? listen = null, string keys = "", string engine = "") => $$"""
        {
          // The text is kept as it is.
          "services": [{
            "name": "mail", "listen": ["{{listen ?? Listen.ToString()}}"], "mode": "raw",
            "upstreams": [{ "name": "primary", "address": "{{Primary.EndPoint}}" }, { "address": "{{SecondName}}" }],
            {{keys}}
          }],
          "engine": { {{engine}} },
          "admin": { "socket": "{{Socket}}", "stateDirectory": "{{StateDirectory}}" },
        }
        """;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(StateDirectory);
        Proxy = await ProxyProcess.StartAsync(Configuration());
        Http = new AdminHttp(Socket);
        await ServedSocket.AwaitAsync(Socket, "the administrative socket is there");
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        Proxy?.Dispose();
        await Primary.DisposeAsync();
        Second.Dispose();
        _folder.Dispose();
    }

    /// <summary>Waits for a line of the audit that holds all of these.</summary>
    internal Task<string> WaitForAuditAsync(params string[] parts) =>
        Proxy.Child.Error.WaitForLineAsync(line => (line.Contains(" 6200 ") || line.Contains(" 6201 ")) && parts.All(line.Contains),
            string.Join(", ", parts));

    /// <summary>A client whose session is proxied.</summary>
    internal async Task<TestClient> JoinAsync()
    {
        TestClient client = await TestClient.ConnectAsync(Listen);
        await Ends.AssertEchoAsync(client);
        return client;
    }
}
