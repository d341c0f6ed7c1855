using System.Diagnostics;
using System.Text.Json;
using FastTcpProxy.Daemon.Tests.Admin.Routes;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>What a denied client gets, and what is left of entries when the process is killed.</summary>
public sealed class BlockEndTests : IAsyncLifetime
{
    private readonly RoutesBed _bed = new();

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Denied_ItsSessionsAreResetAtOnce_AndItIsRefusedUntilTheEntryIsRemoved()
    {
        using TestClient client = await _bed.JoinAsync();
        (await _bed.Http.PostAsync("/v1/block", """{"network":"127.0.0.1"}""")).Is(201);
        long begin = Stopwatch.GetTimestamp();
        await Ends.AssertResetAsync(client);
        TestContext.Current.TestOutputHelper?.WriteLine($"reset after {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms");

        await Ends.AssertConnectIsResetAsync(_bed.Listen);
        (await _bed.Http.DeleteAsync("/v1/block?network=127.0.0.1", null)).Is(200);
        using TestClient served = await _bed.JoinAsync();
    }

    [Fact]
    public async Task Reload_ThatRemovesAServiceAndBringsItBack_KeepsItsEntries()
    {
        (await _bed.Http.PostAsync("/v1/block", """{"network":"127.0.0.1","service":"mail"}""")).Is(201);
        string whole = _bed.Configuration();
        (await _bed.Http.PutAsync("/v1/config", whole.Replace("\"mail\"", "\"post\"", StringComparison.Ordinal))).Is(200);
        using (TestClient served = await _bed.JoinAsync())
        {
        }
        Assert.False((await ListAsync())[0].GetProperty("inForce").GetBoolean());

        (await _bed.Http.PutAsync("/v1/config", whole)).Is(200);

        await Ends.AssertConnectIsResetAsync(_bed.Listen);
        Assert.True((await ListAsync())[0].GetProperty("inForce").GetBoolean());
    }

    [Fact]
    public async Task KillMinus9_LosesTheLastSecondAtMost()
    {
        int answered = 0;
        using (AdminHttp http = new(_bed.Socket))
        {
            Dictionary<int, long> made = [];
            long until = Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < until)
            {
                (await http.PostAsync("/v1/block", $$"""{"network":"10.0.{{answered >> 8}}.{{answered & 255}}"}""")).Is(201);
                made[answered++] = Stopwatch.GetTimestamp();
            }
            _bed.Proxy.Child.Signal(UnixSignal.Kill);
            long killed = Stopwatch.GetTimestamp();
            await _bed.Proxy.Child.WaitForExitAsync();
            int old = made.Values.Count(at => killed - at > Stopwatch.Frequency);

            using ProxyProcess next = await ProxyProcess.StartAsync(_bed.Configuration());
            await ServedSocket.AwaitAsync(_bed.Socket, "the administrative socket is there");
            using AdminHttp again = new(_bed.Socket);
            int left = (await again.GetAsync("/v1/block?limit=10000")).Is(200).Json.GetProperty("entries").GetArrayLength();
            TestContext.Current.TestOutputHelper?.WriteLine($"{answered} answered, {old} of them more than a second old, {left} left");
            Assert.InRange(left, old, answered);
            Assert.True(old > 0);
        }
    }

    private async Task<JsonElement[]> ListAsync() =>
        [.. (await _bed.Http.GetAsync("/v1/block")).Is(200).Json.GetProperty("entries").EnumerateArray()];
}
