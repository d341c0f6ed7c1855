using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>A status that a test gives, and the thread that asked for it. Any thread.</summary>
internal sealed class FakeStatus : IStatusSource
{
    public static readonly DateTimeOffset Start = new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);

    /// <summary>A process that serves <c>/etc/fasttcpproxy.json</c>.</summary>
    public static ProcessStatus Process { get; } = new(Start, ProcessState.Serving, false,
        new LoadedConfiguration(ConfigurationLoader.Parse(
            """{ "services": [{ "name": "mail", "listen": ["[::]:25"], "upstreams": ["192.0.2.10:25"] }] }"""u8, "test").Configuration!,
            default, "/etc/fasttcpproxy.json", "start", Start), null, []);

    private readonly Func<ImmutableArray<ServiceStatus>> _read;

    public FakeStatus(params ServiceStatus[] services)
        : this(() => [.. services])
    {
    }

    public FakeStatus(Func<ImmutableArray<ServiceStatus>> read) => _read = read;

    /// <summary>Whether the thread that asked last belongs to the thread pool; null before the first.</summary>
    public bool? AskedOnPool { get; private set; }

    public ImmutableArray<ServiceStatus> Services
    {
        get
        {
            AskedOnPool = Thread.CurrentThread.IsThreadPoolThread;
            return _read();
        }
    }

    public static ImmutableArray<AdminRoute> Routes(IStatusSource status) =>
        StatusRoutes.All(status, () => Task.FromResult(Process), () => ProcessState.Serving);

    /// <summary>A service with an upstream in each state: down after two probes, up and flapping, not checked yet, never checked.</summary>
    public static ServiceStatus Mail { get; } = new("mail", ["[::]:25", "unix:/run/mail.sock"], 12, false, null,
    [
        Upstream("primary", "192.0.2.10:25", Down, false),
        Upstream("secondary", "mail-b.example:25", Flapping, true),
        Upstream("third", "[2001:db8::25]:25", Fresh, true),
        Upstream("spare", "192.0.2.13:25", UpstreamHealth.Unchecked, true),
    ]);

    private static UpstreamStatus Upstream(string name, string address, UpstreamHealth health, bool serving) => new(
        new UpstreamConfiguration
        {
            Name = name,
            Address = new ConfiguredUpstreamAddress { Kind = AddressKind.Dns, Text = address },
            Mode = HeaderMode.ProxyV2,
            Enabled = true,
        },
        1, null, health, serving, serving ? "up" : "down", 3);

    private static UpstreamHealth Down => new()
    {
        State = HealthState.Down,
        IsServing = false,
        Since = Start.AddSeconds(60),
        Checks = 17,
        Transitions = 1,
        NextCheck = Start.AddSeconds(75),
        Last = new CheckResult(false,
        [
            new ProbeResult(null, "status 200", TimeSpan.FromMilliseconds(3.14)),
            new ProbeResult(ProbeFailure.ConnectTimeout, "connect timed out", TimeSpan.FromSeconds(5)),
        ], Start.AddSeconds(60), TimeSpan.FromMilliseconds(6003.14)),
    };

    private static UpstreamHealth Flapping => new()
    {
        State = HealthState.Up,
        IsServing = true,
        Since = Start.AddSeconds(50),
        Checks = 1234,
        Transitions = 9,
        RecentTransitions = [.. Enumerable.Range(0, UpstreamHealth.FlapTransitions).Select(i => Start.AddSeconds(i))],
        NextCheck = Start.AddSeconds(80),
        Last = new CheckResult(true, [new ProbeResult(null, "status 200", TimeSpan.FromMilliseconds(12))], Start.AddSeconds(65),
            TimeSpan.FromMilliseconds(12)),
    };

    private static UpstreamHealth Fresh =>
        new() { State = HealthState.Initial, IsServing = true, Since = Start, NextCheck = Start.AddSeconds(1) };
}
