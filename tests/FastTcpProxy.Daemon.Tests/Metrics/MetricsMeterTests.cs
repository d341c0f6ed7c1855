using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Engine.Observability;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Metrics;

public sealed class MetricsMeterTests
{
    private const string Mail = """{ "name": "mail", "listen": ["[::]:25"], "upstreams": [{ "name": "a", "address": "192.0.2.1:25" }] }""";

    [Fact]
    public async Task Listener_GetsTheValuesOfThePage()
    {
        UpstreamCounts upstream = new() { Sessions = 3 };
        upstream.Connected.Add(2_500_000);
        MetricsView view = GivenView.Of(Mail,
            new ServiceMetrics("mail", new ServiceCounts { Accepted = 7 }, [new UpstreamMetrics("a", upstream, default)]));
        int reads = 0;
        using MetricsMeter meter = new(() =>
        {
            reads++;
            return view;
        }, new FakeTimeProvider());
        Dictionary<string, double> observed = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == MetricsMeter.Name) l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => observed[
            $"{instrument.Name}{{{string.Join(',', tags.ToArray().OrderBy(t => t.Key).Select(t => $"{t.Key}={t.Value}"))}}}"] = value);
        listener.Start();

        listener.RecordObservableInstruments();

        PrometheusSamples page = new(await GivenView.PageAsync(view));
        Assert.Equal(1, reads);
        Assert.Equal(page.Series.Where(s => !s.Contains("_bucket{", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            observed.Keys.Order(StringComparer.Ordinal));
        Assert.All(observed, o => Assert.Equal(page[o.Key], o.Value, 1e-6));
    }

    [Fact]
    public async Task EventSource_CountsForATool()
    {
        MetricsView view = GivenView.Of(Mail, new ServiceMetrics("mail", new ServiceCounts { Accepted = 7 }, []));
        using ProxyEventSource source = new(() => view);
        using Tool tool = new();
        tool.EnableEvents(source, EventLevel.LogAlways, EventKeywords.All,
            new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "0.1" });

        IDictionary<string, object> payload = await tool.First.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal((object)3.0, payload["Mean"]);
    }

    private sealed class Tool : EventListener
    {
        private readonly TaskCompletionSource<IDictionary<string, object>> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The first value of the sessions.</summary>
        public Task<IDictionary<string, object>> First => _first.Task;

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventSource.Name == ProxyEventSource.SourceName && eventData.Payload is [IDictionary<string, object> payload]
                && "sessions-active".Equals(payload["Name"]))
                _first.TrySetResult(payload);
        }
    }
}
