using System.Net;
using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>Those who use the same proxy while it is under load, at a steady pace: clients of another service, and an operator. Any thread.</summary>
internal static class Observers
{
    public const string Neighbour = "neighbour", Admin = "admin";

    private static readonly TimeSpan NeighbourInterval = TimeSpan.FromMilliseconds(20), AdminInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Fifty short connections a second to another service of the process.</summary>
    public static Task WatchNeighbourAsync(IRecord record, IPEndPoint neighbour, CancellationToken ended) =>
        PaceAsync(record, Neighbour, NeighbourInterval, async () =>
        {
            StepResult result = await Client.ExchangeAsync(neighbour, CancellationToken.None);
            // Its only upstream calls itself c.
            return result.Fate == Fate.FailedOver ? result with { Fate = Fate.Served } : result;
        }, ended);

    /// <summary>Asks the administrative interface for the status five times a second.</summary>
    public static async Task WatchAdminAsync(IRecord record, string socket, CancellationToken ended)
    {
        using AdminClient client = new(socket);
        await PaceAsync(record, Admin, AdminInterval, async () =>
        {
            try
            {
                byte[]? status = await client.StatusAsync();
                return new StepResult(status is null ? Fate.Wrong : Fate.Served, status?.Length ?? 0);
            }
            catch (HttpRequestException)
            {
                return new StepResult(Fate.Reset);
            }
            catch (OperationCanceledException)
            {
                return new StepResult(Fate.Hung);
            }
        }, ended);
    }

    /// <summary>Open as the load itself: each begins when it is due, and its time counts from then.</summary>
    private static async Task PaceAsync(IRecord record, string series, TimeSpan interval, Func<Task<StepResult>> step, CancellationToken ended)
    {
        TimeSpan begin = record.Elapsed;
        List<Task> open = [];
        for (int i = 0; !ended.IsCancellationRequested; i++)
        {
            TimeSpan due = begin + i * interval, wait = due - record.Elapsed;
            if (wait > TimeSpan.Zero) await Task.Delay(wait, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) break;
            open.Add(OneAsync(due));
            if (open.Count > 1000) open.RemoveAll(t => t.IsCompleted);
        }
        await Task.WhenAll(open);

        async Task OneAsync(TimeSpan due) => record.Observe(series, due, await step());
    }
}
