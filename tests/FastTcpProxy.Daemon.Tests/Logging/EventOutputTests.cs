using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Tests.Logging;

/// <summary>Events for a writer that blocks. Each test owns its output.</summary>
public sealed class EventOutputTests
{
    [Fact]
    public void Dispose_LinesWait_AllAreWrittenInOrder()
    {
        StringWriter output = new() { NewLine = "\n" };
        using (EventOutput queue = Start(output))
        {
            for (int i = 0; i < 100; i++) queue.Take(Event($"{i}"));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), output.ToString().TrimEnd().Split('\n').Select(l => l.Split(' ')[^1]));
    }

    [Fact]
    public async Task Add_WriterBlocks_NobodyWaitsAndTheLossIsSaid()
    {
        using BlockedWriter output = new();
        using EventOutput queue = Start(output);
        queue.Take(Event("first"));
        await Eventually.HoldsAsync(() => output.IsEntered, "the thread is in the writer");

        for (int i = 0; i < EventOutput.EventsMax + 7; i++) queue.Take(Event("more"));
        Assert.Equal(7, queue.Dropped);
        output.Open();

        await Eventually.HoldsAsync(() => output.ToString().Contains("(dropped here: 7 lines"), "the loss is said");
    }

    [Fact]
    public async Task Add_WriterFails_LaterLinesAreWrittenAndTheLossIsSaid()
    {
        using FailingWriter output = new() { Fails = true };
        BackgroundWork background = new();
        using EventOutput queue = Start(output, background);
        queue.Take(Event("lost"));
        await Eventually.HoldsAsync(() => queue.Dropped == 1, "the line is counted");

        output.Fails = false;
        queue.Take(Event("written"));
        await Eventually.HoldsAsync(() => output.ToString().Contains("(dropped here: 1 line"), "the loss is said");
        Assert.Contains("written", output.ToString());
        Assert.Empty(background.Faults);
    }

    [Fact]
    public async Task Take_BelowTheLevelOfTheRoute_IsLeftOut_UntilTheRouteIsAnother()
    {
        StringWriter output = new() { NewLine = "\n" };
        EventRoute first = Route(new EventLogConfiguration { Level = EventLevelSetting.Warning });
        using (EventOutput queue = new(output, first, new BackgroundWork()))
        {
            queue.Take(Event("left-out"));
            queue.Take(Event("warned") with { Level = LogLevel.Warning });
            await Eventually.HoldsAsync(() => output.ToString().Contains("warned"), "the first is written");
            queue.Route = Route(new EventLogConfiguration { Format = EventFormatSetting.Json, Target = LogTarget.Journal });
            queue.Take(Event("told"));
        }

        Assert.Equal("""
            2026-02-03T04:05:06.000Z warning 1000 warned
            <6>{"time":"2026-02-03T04:05:06.000Z","level":"info","event":1000,"name":"Starting","text":"told","fields":{}}

            """, output.ToString());
    }

    private static EventOutput Start(TextWriter output, BackgroundWork? background = null) =>
        new(output, Route(new EventLogConfiguration()), background ?? new BackgroundWork());

    private static EventRoute Route(EventLogConfiguration events) =>
        new(events, SyslogProtocol.Rfc5424, isJournal: false, TimeProvider.System);

    private static OperationalEvent Event(string text) => new(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero),
        LogLevel.Information, new EventId(1000, "Starting"), text, []);

    /// <summary>A terminal that is gone, or a full disk.</summary>
    private sealed class FailingWriter : StringWriter
    {
        private readonly Lock _lock = new();
        private volatile bool _fails;

        public bool Fails
        {
            set => _fails = value;
        }

        public override void WriteLine(string? value)
        {
            if (_fails) throw new IOException("no space left");
            lock (_lock) base.WriteLine(value);
        }

        public override string ToString()
        {
            lock (_lock) return base.ToString();
        }
    }

    private sealed class BlockedWriter : StringWriter
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly Lock _lock = new();
        private volatile bool _entered;

        public bool IsEntered => _entered;

        public void Open() => _open.Set();

        public override void WriteLine(string? value)
        {
            _entered = true;
            _open.Wait();
            lock (_lock) base.WriteLine(value);
        }

        public override string ToString()
        {
            lock (_lock) return base.ToString();
        }
    }
}
