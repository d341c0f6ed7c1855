using FastTcpProxy.LoadTest.Reporting;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class CsvReportTests
{
    [Fact]
    public void Phases_EachHasItsRow_NumbersInFull()
    {
        string[] rows = CsvReport.Phases(Samples.Run).Split("\r\n");

        Assert.Equal("failover,fasttcpproxy 0.1.0,clients,silent,2,4,1234,3,0.5,1,1.25,1.375,5012,5012,5012,78976,0.75", rows[2]);
        Assert.Equal([17, 17, 17, 17, 17, 1], rows.Select(r => r.Split(',').Length));
    }

    [Fact]
    public void Phases_UnknownFigures_AreEmpty() => Assert.Contains(",0.5,1,,1.375,1.5,1.5,1.5,640,\r\n",
        CsvReport.Phases(Samples.Run with { Phases = [Samples.Run.Phases[0] with { P50Ms = null, LastSlowSeconds = null }] }),
        StringComparison.Ordinal);

    [Fact]
    public void Seconds_EachHasItsRow() => Assert.Equal(
        "second,phase,count,errors,p50_ms,p99_ms,max_ms\r\n0,healthy,5,0,1,1.5,2\r\n1,healthy,5,0,1,1.5,2\r\n2,"
        + "silent,617,3,5001,5012,5020\r\n", CsvReport.Seconds(Samples.Run));

    [Fact]
    public void Phases_TextThatWouldEndACell_IsQuoted()
    {
        string quoted = $"\"{Samples.Hostile.Replace("\"", "\"\"")}\"";

        Assert.Contains($"\r\n{quoted},{quoted},clients,{quoted},0,2,", CsvReport.Phases(Samples.WithHostileTexts),
            StringComparison.Ordinal);
    }
}
