using FastTcpProxy.Daemon.Logging;

namespace FastTcpProxy.Daemon.Tests.Logging;

/// <summary>The operator's lines. Pure.</summary>
public sealed class OperationalLogTests
{
    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);
    }

    [Fact]
    public void Log_Event_IsOneLineWithTimeLevelAndId()
    {
        Assert.Equal("2026-02-03T04:05:06.789Z info 1001 service mail listens on 0.0.0.0:25\n",
            Write(log => Events.Listening(log, "mail", "0.0.0.0:25")));
    }

    [Fact]
    public void Log_HostileText_CannotForgeALineOrCommandATerminal()
    {
        string line = Write(log => Events.Unresolved(log, "x", "bad\r\n2026-01-01T00:00:00.000Z error 1 forged\e[2J\u202e\u2028"));

        Assert.Equal("2026-02-03T04:05:06.789Z warning 3001 x does not resolve "
            + "(bad\\u000d\\u000a2026-01-01T00:00:00.000Z error 1 forged\\u001b[2J\\u202e\\u2028): "
            + "its upstreams are skipped until it does\n", line);
    }

    [Fact]
    public void Log_Exception_StaysOnTheLine()
    {
        string line = Write(log => Events.Faults(log, "1 defect", 0, new InvalidOperationException("two\nlines")));

        Assert.Contains("InvalidOperationException: two\\u000alines", line);
        Assert.Equal(1, line.Count(c => c == '\n'));
    }

    [Fact]
    public void Log_Event_ReachesEverySinkWithItsNameAndFields()
    {
        List<OperationalEvent> first = [], second = [];
        OperationalLog log = new(new FixedTime(), new Sink(first), new Sink(second));

        Events.Listening(log, "mail", "0.0.0.0:25");

        OperationalEvent published = Assert.Single(first);
        Assert.Same(published, Assert.Single(second));
        Assert.Equal((1001, nameof(Events.Listening)), (published.Id.Id, published.Id.Name));
        Assert.Equal([new("Service", "mail"), new("Address", "0.0.0.0:25")], published.Fields);
    }

    private sealed class Sink(List<OperationalEvent> events) : IEventSink
    {
        public void Take(OperationalEvent published) => events.Add(published);
    }

    private static string Write(Action<OperationalLog> act)
    {
        StringWriter output = new() { NewLine = "\n" };
        act(new OperationalLog(new FixedTime(), new EventLines(output.WriteLine)));
        return output.ToString();
    }
}
