using System.Diagnostics;
using System.Net;

namespace FastTcpProxy.NoLoss.Load;

/// <summary>
/// The clients of a run: short connections that begin at a fixed rate, whatever becomes of the earlier ones, and long sessions. Started and stopped by one task.
/// </summary>
internal sealed class Clients(IPEndPoint proxy, int rate)
{
    public const int LongSessions = 20;

    private const int Bytes = 1024;
    private static readonly TimeSpan LongPause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>The short connections.</summary>
    public Tally Short { get; } = new();

    /// <summary>The long sessions, each counted once, at its end.</summary>
    public Tally Long { get; } = new();

    public void Start() => _running = Task.WhenAll([ShortAsync(), .. Enumerable.Range(0, LongSessions).Select(_ => LongAsync())]);

    /// <summary>No new connections; waits for those that are there.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    private async Task ShortAsync()
    {
        List<Task> open = [];
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            TimeSpan due = TimeSpan.FromSeconds((double)i / rate);
            TimeSpan wait = due - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) break;
            open.Add(OneAsync(began, due));
            if (open.Count > 4 * rate) open.RemoveAll(t => t.IsCompletedSuccessfully);
        }
        await Task.WhenAll(open);
    }

    private async Task OneAsync(long began, TimeSpan due)
    {
        using Exchange exchange = new(Bytes);
        Fate fate = await exchange.ConnectAsync(proxy) ?? await exchange.EchoAsync() ?? await exchange.EndAsync() ?? Fate.Served;
        Short.Count(fate, Stopwatch.GetElapsedTime(began) - due);
    }

    private async Task LongAsync()
    {
        long began = Stopwatch.GetTimestamp();
        using Exchange exchange = new(Bytes);
        Fate? fate = await exchange.ConnectAsync(proxy);
        while (fate is null && !_stop.IsCancellationRequested)
        {
            fate = await exchange.EchoAsync();
            await Task.Delay(LongPause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Long.Count(fate ?? await exchange.EndAsync() ?? Fate.Served, Stopwatch.GetElapsedTime(began));
    }
}
