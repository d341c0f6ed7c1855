using System.Diagnostics;
using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>Fifty reloads while clients come: none is refused, reset or left without an answer.</summary>
public sealed class ReloadUnderTrafficTests
{
    private const int Reloads = 50, ClientsPerSecond = 200;

    [Fact]
    public async Task FiftyReloads_200ClientsASecond_NotOneIsLost()
    {
        await using EchoUpstream a = new(), b = new();
        IPEndPoint stays = FreePort.Loopback(), comesAndGoes = FreePort.Loopback();
        string Configuration(int i) => ReloadBed.Text(
        [
            // Another service at the same address, other upstreams, another limit, and an address that comes and goes.
            ReloadBed.Service($"s{i / 5 % 2}", [stays], (i % 2 == 0 ? a : b).EndPoint, $"\"maxSessions\": {1000 + i},"),
            .. i % 3 == 0 ? [ReloadBed.Service("t", [comesAndGoes], a.EndPoint)] : Array.Empty<string>(),
        ]);
        await using ReloadBed bed = await ReloadBed.StartAsync(Configuration(0));
        string[] sockets = bed.Sockets(stays);
        using CancellationTokenSource enough = new();
        Task<List<Task>> visiting = Task.Run(() => VisitAsync(stays, enough.Token));

        long began = Stopwatch.GetTimestamp();
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(80));
        for (int i = 1; i <= Reloads; i++)
        {
            await pace.WaitForNextTickAsync();
            await bed.ApplyAsync(Configuration(i));
        }
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        await enough.CancelAsync();
        List<Task> visits = await visiting;
        await Task.WhenAll(visits.Select(v => v.ContinueWith(static _ => { }, TaskScheduler.Default))).WaitAsync(Deadline.Patient);

        TestContext.Current.TestOutputHelper?.WriteLine($"{Reloads} reloads in {took.TotalSeconds:0.0} s, {visits.Count} "
            + $"clients, {visits.Count(v => !v.IsCompletedSuccessfully)} lost");
        await Task.WhenAll(visits);
        Assert.InRange(visits.Count, ClientsPerSecond, int.MaxValue);
        Assert.Equal(sockets, bed.Sockets(stays));
        Assert.Equal(visits.Count, a.AcceptedCount + b.AcceptedCount);
    }

    private static async Task<List<Task>> VisitAsync(IPEndPoint address, CancellationToken enough)
    {
        List<Task> visits = [];
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(5));
        long began = Stopwatch.GetTimestamp();
        while (!enough.IsCancellationRequested)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            // A timer that comes late is made up for.
            while (visits.Count < Stopwatch.GetElapsedTime(began).TotalSeconds * ClientsPerSecond)
                visits.Add(Task.Run(() => VisitOnceAsync(address), CancellationToken.None));
        }
        return visits;
    }

    private static async Task VisitOnceAsync(IPEndPoint address)
    {
        using TestClient client = await TestClient.ConnectAsync(address);
        await client.SendAsync("hello");
        client.HalfClose();
        Assert.Equal("hello", await client.ReceiveToEndAsync());
    }
}
