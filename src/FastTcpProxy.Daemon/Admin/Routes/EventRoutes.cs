using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Recent;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Texts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>
/// What happened of late, as a list, and as a stream that continues. Immutable, any thread. A stream is one task, which holds a place in
/// the ring and no event: a reader that is too slow loses events, and is told so.
/// </summary>
internal sealed class EventRoutes(AdminTarget target)
{
    /// <summary>Events of a stream that are taken from the ring at once.</summary>
    private const int BatchMax = 64;

    public ImmutableArray<AdminRoute> Routes =>
    [
        new(HttpMethods.Get, AdminPaths.Events, ListAsync) { Query = ["since", "level", "service", "limit"] },
        new(HttpMethods.Get, AdminPaths.EventStream, StreamAsync) { Query = ["since", "level", "service"] },
    ];

    private EventRing Ring => target.Following!.Events;

    /// <summary>Unknown names are no error: events outlive the service that a reload took away.</summary>
    private EventFilter ReadFilter(RequestQuery query)
    {
        DateTimeOffset? since = null;
        if (query.Text("since") is { } text)
        {
            if (ValueText.ReadDuration(text, EventChoice.SinceMin, EventChoice.SinceMax, out TimeSpan back) is { } wrong)
                throw Refusal.BadRequest($"query parameter \"since\" is {wrong}");
            since = target.Time.GetUtcNow() - back;
        }
        LogLevel level = query.Text("level") switch
        {
            null or "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            { } other => throw Refusal.BadRequest(
                $"query parameter \"level\" is \"{other}\", expected debug, info, warning or error"),
        };
        return new EventFilter(level, query.Text("service"), since);
    }

    private static EventDocument From(RecentEvent recent) => new(recent.Sequence, StatusDocuments.Time(recent.At), recent.Id,
        EventFormat.Word(recent.Level), recent.Service, recent.Upstream, recent.Author, recent.Count, recent.Text);

    private async Task ListAsync(AdminRequest request)
    {
        int limit = (int)(request.Query.Number("limit", 1, EventChoice.ListedMax) ?? EventChoice.ListedDefault);
        EventFilter filter = ReadFilter(request.Query);
        EventReader reader = Ring.ReadAll(withSteps: filter.Level == LogLevel.Debug);
        ImmutableArray<RecentEvent> found = [.. reader.Read(int.MaxValue).Where(filter.Matches)];
        EventsDocument document = new(Ring.Instance, [.. found.TakeLast(limit).Select(From)], found.Length > limit,
            StatusDocuments.From((await target.Generations()).Named));
        await Answer.JsonAsync(request.Context, document, DocumentContext.Default.EventsDocument);
    }

    private async Task StreamAsync(AdminRequest request)
    {
        EventFilter filter = ReadFilter(request.Query);
        (long? last, string? stranger) = ReadLast(request.Context);
        if (target.Following!.Streams.TryEnter() is not { } ending)
            throw new Refusal(StatusCodes.Status503ServiceUnavailable,
                $"{AdminLimits.StreamsMax} streams are open, as many as may be; close one of them");
        try
        {
            StreamAnswer answer = new(request.Context, target.Limits.StreamStallTime);
            answer.Begin();
            if (HttpMethods.IsHead(request.Context.Request.Method)) return;
            EventReader reader = Start(answer, filter, last, stranger);
            if (!await FollowAsync(request.Context, answer, reader, filter, ending))
                Events.StreamStalled(target.Log, request.Caller.Origin, target.Limits.StreamStallTime.TotalSeconds);
        }
        finally
        {
            target.Following!.Streams.Leave();
        }
    }

    /// <summary>What the client has last.</summary>
    /// <returns>The sequence number, where it is one of this process; or else the text, where there is one.</returns>
    private (long? Last, string? Stranger) ReadLast(HttpContext context)
    {
        string text = context.Request.Headers[StreamMessage.LastIdHeader].ToString();
        if (text.Length == 0) return (null, null);
        return text.Split('.') is [var instance, var number] && instance == Ring.Instance
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            ? (sequence, null)
            : (null, text);
    }

    private EventReader Start(StreamAnswer answer, EventFilter filter, long? last, string? stranger)
    {
        bool withSteps = filter.Level == LogLevel.Debug;
        bool isWhole = true;
        long newest = Ring.Newest;
        bool isNew = last is null && stranger is null && filter.Since is null;
        EventReader reader = isNew ? Ring.ReadAfter(newest, withSteps, out _)
            : last is { } sequence ? Ring.ReadAfter(sequence, withSteps, out isWhole)
            : Ring.ReadAll(withSteps);
        // With an id, so that a client that saw no event yet can say where it was.
        answer.Add(StreamMessage.Begin, Id(isNew ? newest : last ?? 0),
            new StreamBeginDocument(Ring.Instance, Environment.ProcessId, ProgramVersion.Text),
            DocumentContext.Default.StreamBeginDocument);
        if (!isWhole) AddGap(answer, null, "they are no longer held; the operational log has them");
        if (stranger is not null)
            AddGap(answer, null, "another process answers now; the operational log has what the one before did not send");
        return reader;
    }

    private string Id(long sequence) => $"{Ring.Instance}.{sequence}";

    /// <summary>Until the client goes, the process wants it to end, or the reader takes nothing.</summary>
    /// <returns>False: it took nothing.</returns>
    private async Task<bool> FollowAsync(HttpContext context, StreamAnswer answer, EventReader reader, EventFilter filter,
        CancellationToken ending)
    {
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ending);
        while (true)
        {
            List<RecentEvent> batch = reader.Read(BatchMax);
            if (reader.Lost > 0) AddGap(answer, reader.Lost, "the reader was too slow for them; the operational log has them");
            foreach (RecentEvent recent in batch.Where(filter.Matches))
                answer.Add(StreamMessage.Log, Id(recent.Sequence), From(recent), DocumentContext.Default.EventDocument);
            bool isLast = batch.Count == 0 && ending.IsCancellationRequested;
            if (isLast) answer.Add(StreamMessage.End, null, new StreamEndDocument(target.Following!.Streams.Why),
                DocumentContext.Default.StreamEndDocument);
            if (answer.Waiting > 0 && !await answer.TryFlushAsync()) return false;
            if (isLast) return true;
            if (batch.Count > 0) continue;
            try
            {
                await reader.WaitAsync().WaitAsync(StreamMessage.KeepAlive, target.Time, both.Token);
            }
            catch (TimeoutException)
            {
                answer.AddComment("still here");
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                // It is to end, after what is left.
            }
        }
    }

    private static void AddGap(StreamAnswer answer, long? lost, string why) =>
        answer.Add(StreamMessage.Gap, null, new StreamGapDocument(lost, why), DocumentContext.Default.StreamGapDocument);
}
