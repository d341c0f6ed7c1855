using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Guards;

namespace FastTcpProxy.Benchmarks;

/// <summary>What each accepted client pays before it is served: the session limits. One thread; it owns its counts.</summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class GuardBenchmarks
{
    private const int ProcessMax = 65_536;
    private const int ServiceMax = 1_000;
    private readonly SessionCount _process = new();
    private readonly SessionCount _service = new();

    [Benchmark(Baseline = true)]
    public int DecideAllow() => (int)AdmissionGuard.Decide(ServiceMax, ProcessMax, ServiceMax, ServiceMax);

    [Benchmark]
    public int DecideServiceFull() => (int)AdmissionGuard.Decide(ServiceMax, ProcessMax, ServiceMax + 1, ServiceMax);

    /// <summary>With the counting at both ends of a session.</summary>
    [Benchmark]
    public int EnterDecideLeave()
    {
        int verdict = (int)AdmissionGuard.Decide(_process.Enter(), ProcessMax, _service.Enter(), ServiceMax);
        _service.Leave();
        _process.Leave();
        return verdict;
    }
}
