using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class LiveProgressTests
{
    private const string Full = "churn 3/10 s, all: 500 arrivals, 7 open, 2 errors, p50 0.75 ms, p99 12.5 ms, longest 130 ms";

    private readonly StringWriter _output = new();

    [Fact]
    public void Line_SaysHowItGoes() => Assert.Equal(Full, LiveProgress.Line(At(3)));

    [Fact]
    public void Line_NoSecondIsOverYet_SaysHowManyAreOpen() =>
        Assert.Equal("churn 0/10 s, all: 7 open", LiveProgress.Line(At(0) with { Last = null }));

    [Fact]
    public void Show_Terminal_TheLineIsWrittenAnew_AndNeverWraps()
    {
        LiveProgress progress = new(_output, isTerminal: true, width: 20);

        progress.Show(At(3));
        progress.End();

        Assert.Equal($"\r\e[K{Full[..19]}\r\e[K", _output.ToString());
    }

    [Fact]
    public void Show_Pipe_ALineEveryFiveSeconds()
    {
        LiveProgress progress = new(_output, isTerminal: false, width: 0);

        foreach (double second in (double[])[0, 1, 4.9, 5, 6, 9.9, 10]) progress.Show(At(second));
        progress.End();

        Assert.Equal(["churn 0/10 s", "churn 5/10 s", "churn 10/10 s"], _output.ToString()
            .Split(_output.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(l => l[..l.IndexOf(',', StringComparison.Ordinal)]));
    }

    private static ProgressState At(double second) =>
        new("churn", TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(10), "all", 7, 2,
            new SecondResult(0, "all", 500, 0, 0.75, 12.5, 130));
}
