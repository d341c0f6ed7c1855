using System.Net;
using System.Text;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.Systemd;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>A running proxy in this process, over the real engine and loopback, that is reloaded. One test owns it.</summary>
internal sealed class ReloadBed : IAsyncDisposable
{
    private readonly List<string> _log = [];
    private readonly TempFolder _folder = new("reload");

    private ReloadBed(string text, Func<string, IPAddress[]>? lookup)
    {
        OperationalLog log = Log = new(TimeProvider.System, new EventLines(line => { lock (_log) _log.Add(line); }));
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(text);
        string file = _folder.Write("proxy.json", text);
        ProxyConfiguration configuration = ConfigurationLoader.Parse(bytes.Span, file) is { Configuration: { } good }
            ? good
            : throw new ArgumentException(text);
        Proxy = new RunningProxy(configuration, records: false, new ResolutionEvents(log), new HealthEvents(log), new OverrideEvents(log),
            new EntryEvents(log),
            lookup is null ? null : (name, _) => Task.FromResult(lookup(name)));
        Reload = new ConfigurationReload(Proxy, new StartOptions(file),
            new LoadedConfiguration(configuration, bytes, file, "start", DateTimeOffset.UtcNow),
            SystemdNotifier.None, TimeProvider.System, log);
    }

    public OperationalLog Log { get; }

    public RunningProxy Proxy { get; }

    public ConfigurationReload Reload { get; }

    public ProxyConfiguration Configuration => Reload.Current.Configuration;

    public ActiveService this[string service] => Proxy.Composer.Services.Single(s => s.Name == service);

    public string File => _folder["proxy.json"];

    public static async Task<ReloadBed> StartAsync(string text, Func<string, IPAddress[]>? lookup = null)
    {
        ReloadBed bed = new(text, lookup);
        await bed.Proxy.StartAsync();
        return bed;
    }

    /// <summary>Services in a file that uses two loops.</summary>
    public static string Text(params string[] services) =>
        $$"""{ "services": [{{string.Join(",", services)}}], "engine": { "threads": 2 } }""";

    public static string Service(string name, IPEndPoint[] listen, IPEndPoint upstream, string keys = "") =>
        Service(name, listen, $$"""{ "name": "u", "address": "{{upstream}}" }""", keys);

    public static string Service(string name, IPEndPoint[] listen, string upstreams, string keys = "") =>
        $$"""{ "name": "{{name}}", "mode": "raw", "listen": [{{string.Join(",", listen.Select(l => $"\"{l}\""))}}],"""
        + $$""" {{keys}} "upstreams": [{{upstreams}}] }""";

    public async Task<ReloadOutcome> PutAsync(string text, bool reset = false) =>
        (await Reload.FromTextAsync(Encoding.UTF8.GetBytes(text), "tester", reset, static _ => true))!;

    /// <summary>A reload that must succeed.</summary>
    public async Task<ReloadOutcome> ApplyAsync(string text, bool reset = false)
    {
        ReloadOutcome outcome = await PutAsync(text, reset);
        Assert.True(outcome.IsApplied, string.Join('\n', outcome.Errors));
        Assert.Empty(outcome.Errors);
        return outcome;
    }

    /// <summary>The inodes of an address's listening sockets, in the order of the loops.</summary>
    public string[] Sockets(IPEndPoint listen) =>
        [.. Proxy.Engine.Listeners.Single(l => l.Address == listen.ToString()).Descriptors.Select(
            fd => new FileInfo($"/proc/self/fd/{fd}").LinkTarget!)];

    /// <summary>All that a reload could change, as values that are compared.</summary>
    public string Everything() => string.Join('\n',
    [
        .. Proxy.Engine.Listeners.Select(l => $"{l.Address} {string.Join(' ', Sockets(IPEndPoint.Parse(l.Address)))}"),
        .. Proxy.Composer.Services.Select(
            s => $"{s.Name} {Id(s)} {Id(s.Rotation)} {Id(s.State.Definition)} "
            + $"{string.Join(' ', s.Rotation.Places.Select(p => Id(p.Upstream)))}"),
        $"names {Proxy.Names.NameCount}",
        $"in force {Id(Reload.Current)}",
    ]);

    public bool HasLogged(string text)
    {
        lock (_log) return _log.Exists(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>A session that stays.</summary>
    public static async Task<TestClient> JoinAsync(IPEndPoint listen)
    {
        TestClient client = await TestClient.ConnectAsync(listen);
        await TalkAsync(client);
        return client;
    }

    public static async Task TalkAsync(TestClient client)
    {
        await client.SendAsync("x");
        Assert.Equal("x", await client.ReceiveUntilAsync("x"));
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        _folder.Dispose();
    }

    private static int Id(object thing) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(thing);
}
