using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Daemon.Tests.Logging.Sessions;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Tests.Logging;

/// <summary>Events for a reader that blocks. Each test owns its output.</summary>
public sealed class EventOutputTests
{
    [Fact]
    public void Dispose_LinesWait_AllAreWrittenInOrder()
    {
        FakeSink output = new();
        using (EventOutput queue = Start(output))
        {
            for (int i = 0; i < 100; i++) queue.Take(Event($"{i}"));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), output.Written.TrimEnd().Split('\n').Select(l => l.Split(' ')[^1]));
    }

    [Fact]
    public async Task Add_WriterBlocks_NobodyWaitsAndTheLossIsSaid()
    {
        FakeSink output = new();
        output.Block();
        using EventOutput queue = Start(output);
        queue.Take(Event("first"));
        await Eventually.HoldsAsync(() => output.IsEntered, "the thread is in the writer");

        for (int i = 0; i < EventOutput.EventsMax + 7; i++) queue.Take(Event("more"));
        Assert.Equal(7, queue.Dropped);
        output.Unblock();

        await Eventually.HoldsAsync(() => output.Written.Contains("(dropped here: 7 lines"), "the loss is said");
    }

    [Fact]
    public async Task Add_WriterFails_LaterLinesAreWrittenAndTheLossIsSaid()
    {
        FakeSink output = new();
        output.Fail(FakeSink.Enospc);
        BackgroundWork background = new();
        using EventOutput queue = Start(output, background);
        queue.Take(Event("lost"));
        await Eventually.HoldsAsync(() => queue.Dropped == 1, "the line is counted");

        output.Fail(0);
        queue.Take(Event("written"));
        await Eventually.HoldsAsync(() => output.Written.Contains("(dropped here: 1 line"), "the loss is said");
        Assert.Contains("written", output.Written);
        Assert.Empty(background.Faults);
    }

    [Fact]
    public async Task Take_BelowTheLevelOfTheRoute_IsLeftOut_UntilTheRouteIsAnother()
    {
        FakeSink output = new();
        EventRoute first = Route(new EventLogConfiguration { Level = EventLevelSetting.Warning }, output);
        using (EventOutput queue = new(first, new BackgroundWork()))
        {
            queue.Take(Event("left-out"));
            queue.Take(Event("warned") with { Level = LogLevel.Warning });
            await Eventually.HoldsAsync(() => output.Written.Contains("warned"), "the first is written");
            queue.Route = Route(new EventLogConfiguration { Format = EventFormatSetting.Json, Target = LogTarget.Journal }, output);
            queue.Take(Event("told"));
        }

        Assert.Equal("""
            2026-02-03T04:05:06.000Z warning 1000 warned
            <6>{"time":"2026-02-03T04:05:06.000Z","level":"info","event":1000,"name":"Starting","text":"told","fields":{}}

            """, output.Written);
    }

    /// <summary>A stopped reader of standard error must not keep a reload from another target.</summary>
    [Fact]
    public async Task Route_IsAnother_WhileTheFirstBlocks_TheNextGetsWhatWaits()
    {
        FakeSink blocked = new(), next = new();
        blocked.Block();
        using EventOutput queue = Start(blocked);
        queue.Take(Event("first"));
        await Eventually.HoldsAsync(() => blocked.IsEntered, "the thread is in the sink");
        queue.Take(Event("second"));

        queue.Route = Route(new EventLogConfiguration(), next);

        await Eventually.HoldsAsync(() => next.Written.Contains("(dropped here: 1 line", StringComparison.Ordinal), "the loss is said");
        Assert.EndsWith(" second", next.Written.Split('\n')[0]);
        Assert.Equal("", blocked.Written);
    }

    private static EventOutput Start(IByteSink output, BackgroundWork? background = null) =>
        new(Route(new EventLogConfiguration(), output), background ?? new BackgroundWork());

    private static EventRoute Route(EventLogConfiguration events, IByteSink error) =>
        new(events, SyslogProtocol.Rfc5424, isJournal: false, TimeProvider.System, error);

    private static OperationalEvent Event(string text) => new(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero),
        LogLevel.Information, new EventId(1000, "Starting"), text, []);
}
