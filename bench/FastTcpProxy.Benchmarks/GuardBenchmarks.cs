using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Guards.Decision;

namespace FastTcpProxy.Benchmarks;

/// <summary>What each accepted client pays before it is served: the session limits. One thread; it owns its counts.</summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class GuardBenchmarks
{
    private readonly SessionCount _process = new() { Max = 65_536 };
    private readonly SessionCount _service = new() { Max = 1_000 };

    [Benchmark(Baseline = true)]
    public int DecideServe() => (int)Admission.Decide(new AdmissionFacts(true, true, false, false, false));

    [Benchmark]
    public int DecideServiceFull() => (int)Admission.Decide(new AdmissionFacts(true, false, false, false, false));

    /// <summary>With the counting at both ends of a session.</summary>
    [Benchmark]
    public int EnterDecideLeave()
    {
        int verdict = (int)Admission.Decide(new AdmissionFacts(_process.TryEnter(0), _service.TryEnter(0), false, false, false));
        _service.Leave(0);
        _process.Leave(0);
        return verdict;
    }
}
