using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Running;
using FastTcpProxy.Gate.Verdicts;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Benchmarks.Tests.Gate;

/// <summary>The time from the start of a process to the first connection that comes through it.</summary>
public sealed class StartTimesTests
{
    [Fact]
    public void Measure_TheProgramItself_HasATimeForEachStart()
    {
        const int starts = Judge.PairsMin;
        string tree = ProxyExecutable.RepositoryRoot;
        Verdict verdict = new StartTimes(new GateOptions { Starts = starts }, Side("base", tree), Side("head", tree),
            TextWriter.Null).Measure();
        Assert.Equal((StartTimes.Figure, starts, VerdictKind.Statistical), (verdict.Figure, verdict.Samples, verdict.Kind));
        // No process of the runtime listens after a millisecond.
        Assert.True(verdict is { Base: > 1, Head: > 1 }, $"{verdict.Base} and {verdict.Head} ms");
    }

    [Fact]
    public void Measure_ProgramThatEnds_SaysWhatItSaid()
    {
        using TempFolder tree = new("start");
        tree.Write("bench/driver.sh", "echo no such luck >&2; exit 7\n");
        StartTimes times = new(new GateOptions(), Side("base", tree.Path), Side("head", tree.Path), TextWriter.Null);
        Assert.Contains("no such luck", Assert.Throws<GateException>(() => times.Measure()).Message, StringComparison.Ordinal);
    }

    private static Side Side(string name, string tree) => new(name, tree, FreePort.Next(), FreePort.Next(), []);
}
