using System.Net;
using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// Those who use the same proxy while it is under load, at a steady pace: clients of another service, and an operator. Any thread.
/// </summary>
internal static class Observers
{
    public const string Neighbour = "neighbour", Admin = "admin", Session = "session";

    /// <summary>What the neighbour's only upstream calls itself.</summary>
    public const char NeighbourUpstream = 'c';

    private static readonly TimeSpan NeighbourInterval = TimeSpan.FromMilliseconds(20), AdminInterval = TimeSpan.FromMilliseconds(200),
        SessionInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Fifty short connections a second to another service of the process.</summary>
    public static Task WatchNeighbourAsync(IRecord record, IPEndPoint neighbour, CancellationToken ended) =>
        PaceAsync(record, Neighbour, NeighbourInterval,
            () => Client.ExchangeAsync(neighbour, CancellationToken.None, NeighbourUpstream), ended);

    /// <summary>Sessions that last through the whole run, each of which speaks ten times a second.</summary>
    /// <param name="patience">How long the run is.</param>
    public static Task WatchSessionsAsync(IRecord record, IPEndPoint service, int count, TimeSpan patience, CancellationToken ended) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            // One after the other, not all in the same moment.
            await Task.Delay(i * SessionInterval / count, CancellationToken.None);
            using Client client = new(CancellationToken.None, patience: patience + Client.Patience);
            TimeSpan begin = record.Elapsed;
            (Fate fate, _) = await client.AskAsync(service, Request.Echo);
            record.Observe(Session, begin, new StepResult(fate));
            for (int n = 1; fate == Fate.Served && !ended.IsCancellationRequested; n++)
            {
                TimeSpan due = begin + n * SessionInterval, wait = due - record.Elapsed;
                if (wait > TimeSpan.Zero) await Task.Delay(wait, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (ended.IsCancellationRequested) break;
                fate = await client.EchoAsync();
                record.Observe(Session, due, new StepResult(fate));
            }
            if (fate == Fate.Served) await client.EndAsync();
        }));

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
    private static async Task PaceAsync(IRecord record, string series, TimeSpan interval, Func<Task<StepResult>> step,
        CancellationToken ended)
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
