using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Daemon.Metrics.Otlp;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Tests.Metrics;

public sealed class OtlpRequestTests
{
    [Fact]
    public async Task Request_HasTheSeriesOfThePage()
    {
        UpstreamCounts upstream = new() { Sessions = 3, BytesToClient = long.MaxValue / 2 };
        for (int us = 1; us < 40_000_000; us *= 3) upstream.Connected.Add(us);
        MetricsView view = GivenView.Of(
            """
            { "name": "mail", "listen": ["[::]:25"], "upstreams": [{ "name": "a", "address": "192.0.2.1:25" }, { "address": "unix:/é" }] }
            """,
            new ServiceMetrics("mail", new ServiceCounts { Accepted = 7 }, [new UpstreamMetrics("a", upstream, default)]));
        using OtlpRequest request = new("here");
        request.Start(DateTimeOffset.UnixEpoch);
        foreach (MetricFamily family in MetricTable.All)
        {
            request.Begin(family);
            for (int i = 0; i < family.CountOwners(view); i++) family.Write(view, i, request);
            request.EndFamily();
        }
        request.Finish();

        OtlpText read = new();
        read.Read(request.Written);

        PrometheusSamples page = new(await GivenView.PageAsync(view));
        Assert.Equal(page.Series.Order(StringComparer.Ordinal), read.Series.Keys.Order(StringComparer.Ordinal));
        Assert.All(read.Series, s => Assert.Equal(page[s.Key], s.Value, page[s.Key] * 1e-12));
        Assert.Equal(("fasttcpproxy", "here"), (read.Resource["service.name"], read.Resource["service.instance.id"]));
    }

    [Theory]
    [InlineData("", 0, "")]
    [InlineData("0A04 0805 1200", 5, "")]
    [InlineData("0A09 08AC02 1204 66756C6C", 300, "full")]
    [InlineData("1A03 616263 0A02 0801", 1, "")]
    [InlineData("0AFF", 0, "")]
    [InlineData("0A05 0801", 0, "")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFF", 0, "")]
    [InlineData("3C21444F43545950453E", 0, "")]
    public void Answer_IsReadAsFarAsItIsOne(string hex, long rejected, string message) =>
        Assert.Equal((rejected, message), OtlpAnswer.Read(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    [Fact]
    public void Message_LengthsWithinOneAnother_AreRight()
    {
        using OtlpMessage message = new();
        int outer = message.Begin(1);
        message.Text(2, new string('x', 300_000));
        int inner = message.Begin(3);
        message.Number(4, 300);
        message.End(inner);
        message.End(outer);

        Assert.Equal(5 + 4 + 300_000 + 5 + 3, message.Length);
        Assert.Equal("0AECA79200", Convert.ToHexString(message.Written.Span[..5]));
    }
}
