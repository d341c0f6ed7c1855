using System.Buffers;
using System.Text;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Sessions;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Testing.Observability;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Records;

namespace FastTcpProxy.Daemon.Tests.Logging.Sessions;

/// <summary>The thread of the log against sinks of every kind. Each test owns its writer.</summary>
public sealed class SessionLogWriterTests
{
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(20);

    private readonly SessionRecordRing[] _rings = [new(), new()];
    private int _next;

    [Fact]
    public void Stop_RecordsWait_AllAreWritten()
    {
        FakeSink sink = new();
        using SessionLogWriter writer = Start(sink);
        Put(3000);

        Assert.True(writer.Stop(Patient));

        Assert.Equal(Lines(0, 3000), Sorted(sink.Written));
        Assert.Equal(0, writer.RecordsLost);
    }

    [Fact]
    public void Write_SinkTakesAFewBytesAtATime_LinesStayWhole()
    {
        FakeSink sink = new() { BytesMax = 3 };
        using SessionLogWriter writer = Start(sink);
        Put(50);

        Assert.True(writer.Stop(Patient));

        Assert.Equal(Lines(0, 50), Sorted(sink.Written));
    }

    [Fact]
    public async Task Write_SinkFailsForAWhile_LossIsCountedAndLaterLinesCome()
    {
        FakeSink sink = new();
        sink.Fail(FakeSink.Enospc);
        using SessionLogWriter writer = new(_rings, new SessionLogRoute(new NumberFormat(), sink));
        int told = 0;
        writer.Lost = records => told += records;
        writer.Start();
        Put(10);
        await Eventually.EqualsAsync(10, () => writer.RecordsLost, "the records are lost");
        Assert.Equal("", sink.Written);
        Assert.Contains("space", writer.LastLoss?.Why);

        sink.Fail(0);
        Put(5);
        Assert.True(writer.Stop(Patient));

        Assert.Equal(Lines(10, 5), Sorted(sink.Written));
        Assert.Equal(10, writer.RecordsLost);
        Assert.Equal(10, told);
    }

    [Fact]
    public async Task Write_SinkBreaksOffInALine_NextLineStartsAnew()
    {
        FakeSink sink = new() { BytesBeforeError = 3 };
        sink.Fail(FakeSink.Enospc);
        using SessionLogWriter writer = Start(sink);
        Put(1);
        await Eventually.EqualsAsync(1, () => writer.RecordsLost, "the record is lost");

        sink.Fail(0);
        Put(1);
        Assert.True(writer.Stop(Patient));

        Assert.Equal("lin\nline 00001\n", sink.Written);
    }

    [Fact]
    public void Write_SinkRefusesOneLineForItsLength_ThatOneAloneIsLost()
    {
        FakeSink sink = new() { BytesMax = "line 00000\n".Length, TooLong = "line 00002" };
        using SessionLogWriter writer = Start(sink);
        Put(6);

        Assert.True(writer.Stop(Patient));

        Assert.Equal(Lines(0, 2).Concat(Lines(3, 3)), Sorted(sink.Written));
        Assert.Equal(1, writer.RecordsLost);
    }

    [Fact]
    public async Task Write_FailingSinkWithoutTraffic_IsNotTriedAgain()
    {
        FakeSink sink = new();
        sink.Fail(FakeSink.Enospc);
        using SessionLogWriter writer = Start(sink);
        Put(1);
        await Eventually.EqualsAsync(1, () => writer.RecordsLost, "the record is lost");

        Assert.True(writer.Stop(Patient));

        Assert.Equal(1, sink.Writes);
    }

    [Fact]
    public void Write_SinkBlocks_RingFillsAndTheProducerIsRefusedNotHeld()
    {
        FakeSink sink = new();
        sink.Block();
        using SessionLogWriter writer = Start(sink);
        SessionRecord record = default;

        // What the thread took before it blocked, and a full ring: then the loop's next record is dropped.
        int taken = 0;
        while (taken < 100_000 && RecordRings.TryWrite(_rings[0], in record)) taken++;
        Assert.InRange(taken, SessionRecordRing.Capacity, 99_999);
        Assert.False(writer.Stop(TimeSpan.FromMilliseconds(50)));

        sink.Unblock();
        Assert.True(writer.Stop(Patient));
        Assert.Equal(0, writer.RecordsLost);
        Assert.Equal(taken, sink.Written.Count(c => c == '\n'));
    }

    [Fact]
    public async Task Switch_SinkBlocks_TheNextGetsWhatWaits_AndTheBatchIsCounted()
    {
        FakeSink blocked = new(), next = new();
        blocked.Block();
        using SessionLogWriter writer = Start(blocked);
        Put(1);
        await Eventually.HoldsAsync(() => blocked.IsEntered, "the thread is in the sink");
        Put(3);

        writer.Switch(new SessionLogRoute(new NumberFormat(), next));
        Assert.True(writer.Stop(Patient));

        Assert.Equal(Lines(1, 3), Sorted(next.Written));
        Assert.Equal(1, writer.RecordsLost);
        Assert.Equal(new RecordLoss("standard output", "it took no more, and another target was set"), writer.LastLoss);
    }

    [Fact]
    public async Task Monitor_RecordsLost_SaysItOnce()
    {
        FakeSink sink = new();
        sink.Fail(FakeSink.Enospc);
        using SessionLogWriter writer = Start(sink);
        List<string> lines = [];
        EngineMonitor monitor = new(new OperationalLog(TimeProvider.System, new EventLines(lines.Add)), TestMetrics.Reader(), writer);
        Put(4);
        await Eventually.EqualsAsync(4, () => writer.RecordsLost, "the records are lost");

        monitor.Report();
        monitor.Report();

        Assert.Contains(" warning 4004 session log: lost 4 records", Assert.Single(lines));
    }

    private SessionLogWriter Start(FakeSink sink)
    {
        SessionLogWriter writer = new(_rings, new SessionLogRoute(new NumberFormat(), sink));
        writer.Start();
        return writer;
    }

    private void Put(int count)
    {
        for (int i = 0; i < count; i++)
        {
            SessionRecord record = new() { TotalUs = _next };
            Assert.True(RecordRings.TryWrite(_rings[_next++ % 2], in record));
        }
    }

    private static IEnumerable<string> Lines(int from, int count) => Enumerable.Range(from, count).Select(i => $"line {i:00000}");

    private static IEnumerable<string> Sorted(string written) =>
        written.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);

    private sealed class NumberFormat : ISessionFormat
    {
        public void Write(in SessionRecord record, IBufferWriter<byte> output) =>
            output.Write(Encoding.ASCII.GetBytes($"line {record.TotalUs:00000}\n"));
    }
}
