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
    /// The goal is a tenth of a core, and what it took is printed; this bound only finds what is several times as much, as other tests use the machine too.
    /// </summary>
    private const double CoreMax = 0.6;

    private const long MiB = 1 << 20;

    [Fact]
    public async Task Checks_ThousandEachSecond_CostLittleAndHoldWhatTheyHeld()
    {
        using NginxHealthService health = await NginxHealthService.StartAsync();
        using TempFolder folder = new("many");
        string socket = folder["admin.sock"];
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(health.EndPoint, socket));
        // Compiled code and the heap's size settle first.
        await Task.Delay(TimeSpan.FromSeconds(8));

        // So that the admin interface, which takes its memory with its first request, is in it too.
        long began = Environment.TickCount64;
        long checks = await CountChecksAsync(socket);
        long counted = Environment.TickCount64;
        long before = proxy.Child.ResidentBytes;
        TimeSpan processor = proxy.Child.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(10));
        long recounting = Environment.TickCount64;
        double cores = (proxy.Child.ProcessorTime - processor).TotalSeconds / (recounting - counted) * 1000;
        long after = proxy.Child.ResidentBytes;
        long done = await CountChecksAsync(socket) - checks;
        // On a busy machine the asking takes seconds itself: the two counts are at least, and at most, so far apart.
        double least = (recounting - counted) / 1000.0, most = (Environment.TickCount64 - began) / 1000.0;

        output.WriteLine($"{done / most:0} to {done / least:0} checks a second cost {cores:0.000} of a core, {cores / done * least * 1e6:0} us each; "
            + $"resident {before / MiB} MiB, {least:0} s later {after / MiB} MiB");
        const int rate = Services * Upstreams;
        Assert.True(done / least > rate * 0.8 && done / most < rate * 1.1, $"{done} checks within {least:0.0} to {most:0.0} s");
        Assert.True(cores < CoreMax, $"{cores:0.000} of a core");
        Assert.True(after - before < 8 * MiB, $"the process grew from {before / MiB} to {after / MiB} MiB");
    }

    private static string Configuration(IPEndPoint health, string socket)
    {
        string upstreams = string.Join(", ", Enumerable.Range(0, Upstreams).Select(i => $$"""{ "name": "u{{i}}", "address": "127.0.0.1:{{i + 1}}" }"""));
        string services = string.Join(", ", Enumerable.Range(0, Services).Select(i => $$"""
            { "name": "s{{i}}", "listen": ["{{FreePort.Loopback()}}"], "upstreams": [{{upstreams}}],
              "healthCheck": { "url": "http://{{health}}/{name}", "interval": "1s" } }
            """));
        return $$"""{ "services": [{{services}}], "admin": { "socket": "{{socket}}" }, "engine": { "threads": 1 } }""";
    }

    private static async Task<long> CountChecksAsync(string socket)
    {
        ProcessResult status = await ProxyExecutable.RunAsync(["status", "--socket", socket, "--json"]);
        Assert.Equal("", status.Error);
        using var document = System.Text.Json.JsonDocument.Parse(status.Output);
        return document.RootElement.GetProperty("services").EnumerateArray()
            .Sum(s => s.GetProperty("upstreams").EnumerateArray().Sum(u => u.GetProperty("health").GetProperty("checks").GetInt64()));
    }
}
