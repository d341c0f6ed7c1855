using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>The ring of records: in order, bounded, whole under a reader on another thread.</summary>
public sealed class SessionRecordRingTests
{
    [Fact]
    public void TryWrite_Full_IsRefusedAndNothingIsOverwritten()
    {
        SessionRecordRing ring = new();
        for (int i = 0; i < SessionRecordRing.Capacity; i++) Assert.True(ring.TryWrite(new SessionRecord { TotalUs = i }));
        Assert.False(ring.TryWrite(new SessionRecord { TotalUs = -1 }));
        Assert.True(ring.TryRead(out SessionRecord first));
        Assert.Equal(0, first.TotalUs);
        Assert.True(ring.TryWrite(new SessionRecord { TotalUs = SessionRecordRing.Capacity }));
        Assert.False(ring.TryWrite(new SessionRecord { TotalUs = -1 }));
        for (int i = 1; i <= SessionRecordRing.Capacity; i++)
        {
            Assert.True(ring.TryRead(out SessionRecord record));
            Assert.Equal(i, record.TotalUs);
        }
        Assert.False(ring.TryRead(out _));
    }

    [Fact]
    public void TryRead_BesideAWriter_GetsEveryRecordWholeAndInOrder()
    {
        const int Count = 200_000;
        SessionRecordRing ring = new();
        Thread writer = new(() =>
        {
            for (long i = 1; i <= Count; i++)
            {
                SessionRecord record = new() { StartedUtcTicks = i, BytesFromClient = -i, TotalUs = i * 3, Listener = "l" };
                SpinWait wait = default;
                while (!ring.TryWrite(record)) wait.SpinOnce();
            }
        });
        writer.Start();
        SpinWait idle = default;
        for (long i = 1; i <= Count;)
        {
            if (!ring.TryRead(out SessionRecord record))
            {
                idle.SpinOnce();
                continue;
            }
            Assert.Equal((i, -i, i * 3), (record.StartedUtcTicks, record.BytesFromClient, record.TotalUs));
            i++;
        }
        writer.Join();
        Assert.False(ring.TryRead(out _));
    }
}
