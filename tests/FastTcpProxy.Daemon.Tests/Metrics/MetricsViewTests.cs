using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Tests.Metrics;

/// <summary>A view that is filled again and again, as by scrapes.</summary>
public sealed class MetricsViewTests
{
    private const string Web = """{ "name": "web", "listen": ["[::]:80"], "upstreams": [{ "address": "192.0.2.3:80" }] }""";

    private const string Mail = """{ "name": "mail", "listen": ["[::]:25"], "upstreams": [{ "name": "a", "address": "192.0.2.1:25" }] }""";

    private static readonly UpstreamMetrics CountedA = new("a", new UpstreamCounts { Sessions = 5 }, default);

    private readonly MetricsView _view = new();

    /// <summary>With a thousand upstreams, names and configuration take longer than their counts.</summary>
    [Fact]
    public void View_FilledAgain_KeepsWhatOnlyHasOtherCounts()
    {
        ImmutableArray<ActiveService> running = GivenView.Running($"{Mail}, {Web}");
        _view.Fill(GivenView.Snapshot(CountedMail(1)), running, GivenView.Process());
        (ImmutableArray<UpstreamView> upstreams, ServiceView mail, ServiceView web) =
            (_view.Upstreams, _view.Services[0], _view.Services[1]);

        _view.Fill(GivenView.Snapshot([mail.Counted!]), running, GivenView.Process());
        Assert.Equal(upstreams, _view.Upstreams);

        _view.Fill(GivenView.Snapshot(CountedMail(2)), running, GivenView.Process());
        Assert.Equal(2, _view.Services[0].Counts.Accepted);
        Assert.Same(web, _view.Services[1]);
    }

    [Theory]
    [InlineData(Mail)]
    [InlineData(Web)]
    [InlineData(Web + "," + Mail)]
    public async Task View_FilledForAnotherConfiguration_IsWhatANewOneIs(string services)
    {
        _view.Fill(GivenView.Snapshot(CountedMail(1)), GivenView.Running($"{Mail}, {Web}"), GivenView.Process());

        MetricsView made = GivenView.Of(services, CountedMail(2));
        _view.Fill(GivenView.Snapshot(CountedMail(2)), GivenView.Running(services), GivenView.Process());

        Assert.Equal(await SamplesAsync(made), await SamplesAsync(_view));
    }

    private static ServiceMetrics CountedMail(long accepted) => new("mail", new ServiceCounts { Accepted = accepted }, [CountedA]);

    /// <summary>Those of the process change by themselves.</summary>
    private static async Task<string[]> SamplesAsync(MetricsView view) =>
        [.. (await GivenView.PageAsync(view)).Split('\n').Where(line => line.Contains("service=", StringComparison.Ordinal))];
}
