using System.Collections.Immutable;
using System.Text;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Tests.Metrics;

/// <summary>A view of counts that a test gives, without an engine. Stateless.</summary>
internal static class GivenView
{
    public static MetricsView Of(string services, params ImmutableArray<ServiceMetrics> counted)
    {
        MetricsView view = new();
        view.Fill(Snapshot(counted), Running(services), Process());
        return view;
    }

    public static MetricsSnapshot Snapshot(params ImmutableArray<ServiceMetrics> counted) =>
        new(default, [default, default], counted, new ServiceMetrics("", default, []), 0);

    public static ImmutableArray<ActiveService> Running(string services) => new ServiceComposer(Parse(services)).Services;

    /// <summary>All of it as text.</summary>
    public static async Task<string> PageAsync(MetricsView view, int pieceBytes = 1000)
    {
        using MemoryStream stream = new();
        await PrometheusPage.WriteAsync(view, stream, pieceBytes, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static ProcessView Process() => new(new LoopCounts { ReloadsSucceeded = 2, ReloadsFailed = 1, RecordsLost = 4 })
    {
        Sessions = 3,
        SessionsMax = 100,
        DescriptorsMax = 1024,
        DescriptorsOpen = 20,
        BufferBytesMax = 1 << 20,
        Sources = new SourceTableCounts(1_024, 30, 20, 2, 1, 5, 4, 7, 6),
        GuardEntries = 3,
        Reloads = new ReloadTally(DateTimeOffset.UnixEpoch.AddSeconds(1.5), TimeSpan.FromMilliseconds(12)),
        TakeOverDuration = null,
        Generations = 0,
        OldestGenerationStart = null,
    };

    private static ProxyConfiguration Parse(string services)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes($$"""{ "services": [{{services}}] }"""), "test");
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }
}
