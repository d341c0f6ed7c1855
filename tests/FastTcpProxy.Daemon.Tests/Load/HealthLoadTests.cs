using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Load;

/// <summary>What checks cost when there are many: 1,000 upstreams, each asked once a second.</summary>
[Collection(LoadCollection.Name)]
public sealed class HealthLoadTests(ITestOutputHelper output)
{
    private const int Services = 20, Upstreams = 50;

    /// <summary>
    /// A check takes some 40 to 100 us of ours, and nginx about 25 to answer it. Both grow on a slow or a busy machine; this bound only
    /// finds what is several times as much.
    /// </summary>
    private const double RatioMax = 15;

    /// <summary>Two thirds of the smallest object, which has 24 bytes: one that each check leaves behind is found.</summary>
    private const int BytesPerCheckMax = 16;

    private static readonly TimeSpan ManyIntervals = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Checks_OfAThousandUpstreams_LeaveNothingBehindAndCostLittle()
    {
        // The warm-up is longer than the ten seconds of counts that rates are made of: until then these still grow.
        const int warmUp = 14, counted = 20, upstreams = Services * Upstreams;
        using NginxHealthService health = await NginxHealthService.StartAsync();
        using HeapProbe heap = new();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(health.EndPoint),
            new ProxyOptions { Environment = heap.Environment });
        await WaitForAnswersAsync(health, warmUp * upstreams);

        long objects = await LeastAsync(heap);
        long began = Environment.TickCount64;
        long answers = await health.CountAnswersAsync();
        (TimeSpan ours, TimeSpan theirs) = (proxy.Child.ProcessorTime, health.ProcessorTime);
        await WaitForAnswersAsync(health, answers + counted * upstreams);
        (ours, theirs) = (proxy.Child.ProcessorTime - ours, health.ProcessorTime - theirs);
        long done = await health.CountAnswersAsync() - answers;
        double seconds = (Environment.TickCount64 - began) / 1000.0;
        long grown = await LeastAsync(heap) - objects;

        output.WriteLine($"{done} checks in {seconds:0.0} s cost {ours.TotalSeconds / done * 1e6:0} us each, "
            + $"the server {theirs.TotalSeconds / done * 1e6:0} us; "
            + $"objects of {objects} bytes before, {grown} more after");
        // One second apart, and one check of each may lie at the beginning of the time and one at its end.
        Assert.InRange(done, counted * upstreams, (long)((seconds + 1) * upstreams));
        Assert.InRange(grown, long.MinValue, BytesPerCheckMax * done);
        Assert.True(ours < RatioMax * theirs,
            $"{ours.TotalSeconds:0.00} s of a processor, and the server that answered {theirs.TotalSeconds:0.00} s");
    }

    /// <summary>Checks that are under way hold objects as well: the least of some looks has the fewest of them.</summary>
    private static async Task<long> LeastAsync(HeapProbe heap)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 6; i++) least = Math.Min(least, await heap.LiveBytesAsync());
        return least;
    }

    private static async Task WaitForAnswersAsync(NginxHealthService health, long count)
    {
        Deadline deadline = Deadline.After(ManyIntervals);
        while (await health.CountAnswersAsync() is var so && so < count)
        {
            Assert.False(deadline.HasPassed, $"{so} checks, and not {count}, after {ManyIntervals}");
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }

    private static string Configuration(IPEndPoint health)
    {
        string upstreams =
            string.Join(", ", Enumerable.Range(0, Upstreams).Select(i => $$"""{ "name": "u{{i}}", "address": "127.0.0.1:{{i + 1}}" }"""));
        string services = string.Join(", ", Enumerable.Range(0, Services).Select(i => $$"""
            { "name": "s{{i}}", "listen": ["{{FreePort.Loopback()}}"], "upstreams": [{{upstreams}}],
              "healthCheck": { "url": "http://{{health}}/{name}", "interval": "1s" } }
            """));
        return $$"""{ "services": [{{services}}], "engine": { "threads": 1 } }""";
    }
}
