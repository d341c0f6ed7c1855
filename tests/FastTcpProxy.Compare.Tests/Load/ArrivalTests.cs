using FastTcpProxy.Compare.Load;
using FastTcpProxy.Compare.Measurements;

namespace FastTcpProxy.Compare.Tests.Load;

/// <summary>The open model: when operations are due, and what is counted of them.</summary>
public sealed class ArrivalTests
{
    [Fact]
    public void Schedule_LateLook_GivesAllThatAreDueAtTheirIntendedTimes()
    {
        ArrivalSchedule schedule = new(rate: 1_000);
        schedule.Begin(5_000_000);
        List<long> due = [];
        while (schedule.TryTake(7_999_999, out long number)) due.Add(schedule.At(number));
        Assert.Equal([5_000_000, 6_000_000, 7_000_000], due);
        Assert.Equal(8_000_000, schedule.NextNs);
    }

    [Fact]
    public void Schedule_AfterAnHour_HasNotDrifted()
    {
        ArrivalSchedule schedule = new(rate: 30_000);
        schedule.Begin(0);
        Assert.Equal(3_600_000_000_000, schedule.At(30_000L * 3_600));
    }

    [Fact]
    public void Record_OutsideTheWindow_IsNotCounted()
    {
        LatencyRecord record = new();
        record.RecordStart(50, 60);
        record.OpenWindow(100);
        record.Record(50, 150);
        record.RecordStart(100, 130);
        record.RecordStart(120, 130);
        Assert.Equal(2, record.Pending);
        record.CloseWindow(200);
        record.RecordStart(200, 200);
        record.Record(100, 1_100);
        Assert.Equal(1, record.Pending);
        record.Forget(120);
        Assert.Equal(0, record.Pending);
        Assert.Equal([[1_000, 1]], record.ToPairs());
        Assert.Equal(30, record.LatenessP99Ns);
    }

    [Fact]
    public void Record_LongerThanTheLongest_CountsAsThat()
    {
        LatencyRecord record = new();
        record.OpenWindow(0);
        record.RecordStart(0, 0);
        record.Record(0, LatencyRecord.LatencyMaxNs * 2);
        long value = Assert.Single(record.ToPairs())[0];
        Assert.InRange(value, LatencyRecord.LatencyMaxNs, LatencyRecord.LatencyMaxNs * 1.001);
    }

    [Fact]
    public void Percentiles_OfPairs_AreInMicroseconds()
    {
        double[] found = LatencyMeasurement.Percentiles([[10_000, 900], [50_000, 95], [90_000, 5]]);
        Assert.Equal(10, found[0], 1);
        Assert.Equal(50, found[1], 1);
        Assert.Equal(90, found[2], 1);
    }

    [Fact]
    public void Percentiles_OfNothing_AreNoNumbers() =>
        Assert.All(LatencyMeasurement.Percentiles([]), value => Assert.True(double.IsNaN(value)));
}
