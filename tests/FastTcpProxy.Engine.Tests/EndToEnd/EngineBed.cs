using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>
/// The engine in this process, with one service. Owned by a test; disposing it checks that no session, descriptor or fault is left.
/// </summary>
internal sealed class EngineBed : IAsyncDisposable
{
    private readonly int _descriptorsBefore;

    private EngineBed(int descriptorsBefore, IPEndPoint endPoint, ServiceState service)
    {
        _descriptorsBefore = descriptorsBefore;
        EndPoint = endPoint;
        Service = service;
        Engine = new ProxyEngine(new EngineOptions { Threads = ModuleSetup.Threads });
    }

    public ProxyEngine Engine { get; }

    public IPEndPoint EndPoint { get; }

    public ServiceState Service { get; }

    /// <summary>Starts the engine on a free port.</summary>
    /// <param name="listen">Where; a free port of 127.0.0.1 when null.</param>
    public static EngineBed Start(
        HeaderMode mode, IEnumerable<EndPoint> upstreams, Func<ServiceDefinition, ServiceDefinition>? configure = null,
        IPEndPoint? listen = null, string? unixPath = null)
    {
        ServiceDefinition definition = new()
        {
            Name = "s",
            ConnectTimeout = TimeSpan.FromMilliseconds(400),
            Upstreams = [.. upstreams.Select((e, i) => new UpstreamDefinition($"u{i}", mode, [ToAddress(e)]))],
        };
        ServiceState service = new(configure is null ? definition : configure(definition));
        int descriptors = CountOpen();
        EngineBed bed = new(descriptors, listen ?? FreePort.Loopback(), service);
        ImmutableArray<ListenAddress> addresses = [new ListenAddress(bed.EndPoint),
            .. unixPath is null ? [] : new[] { new ListenAddress(unixPath) }];
        bed.Engine.Start([new ListenPlan(service, addresses)]);
        return bed;
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, EndPoint.Port));

    /// <summary>The next record of any loop.</summary>
    public async Task<SessionRecord> NextRecordAsync()
    {
        SessionRecord record = default;
        await Eventually.HoldsAsync(() => Engine.Records.Any(r => r.TryRead(out record)), "a record comes");
        return record;
    }

    public async ValueTask DisposeAsync()
    {
        Engine.Dispose();
        await Eventually.EqualsAsync(0, () => Engine.Sessions, "no session is left");
        Assert.Equal(0, Service.Sessions.Current);
        Assert.Null(Engine.Metrics.NewestFault.Fault);
        // Fewer than before is fine: what the test before left to the runtime may be closed meanwhile.
        await Eventually.HoldsAsync(
            () => CountOpen() <= _descriptorsBefore + RuntimeDescriptorsMax, "descriptors are back",
            detail: () => $"{_descriptorsBefore} before, {CountOpen()} now");
    }

    /// <summary>
    /// What the runtime keeps open from the first socket of the process on: its epoll descriptors and pipes, and the test's own upstreams'
    /// connections that end.
    /// </summary>
    private const int RuntimeDescriptorsMax = 8;

    /// <summary>Without the assemblies that the runtime loads when a test first needs them, and keeps open.</summary>
    private static int CountOpen() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Count(path => new FileInfo(path).LinkTarget is { } target && !target.EndsWith(".dll", StringComparison.Ordinal));

    private static UpstreamAddress ToAddress(EndPoint endPoint) =>
        endPoint is IPEndPoint ip ? new UpstreamAddress(ip) : new UpstreamAddress(endPoint.ToString()!);
}
