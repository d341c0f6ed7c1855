using System.Text.Json;
using BenchmarkDotNet.Attributes;
using FastTcpProxy.Benchmarks.Allocation;

namespace FastTcpProxy.Benchmarks.Tests.Allocation;

/// <summary>The budget of bench/allocation-budget.json is kept, and a byte over it is found.</summary>
public sealed class AllocationBudgetTests
{
    /// <summary>A header of two words and a pointer's worth of fields: what the smallest object takes in a 64-bit process.</summary>
    private const int ObjectBytes = 24;

    private const string Allocating = $"{nameof(AllocatingBenchmarks)}.{nameof(AllocatingBenchmarks.MakeObject)}";
    private const string AllocatingSeldom = $"{nameof(AllocatingBenchmarks)}.{nameof(AllocatingBenchmarks.MakeObjectSeldom)}";
    private const string Frugal = $"{nameof(AllocatingBenchmarks)}.{nameof(AllocatingBenchmarks.MakeNothing)}";

    [Fact]
    public void Budget_OfTheRepository_IsKept()
    {
        AllocationBudget budget = AllocationBudget.Read(AllocationBudget.DefaultPath);
        IReadOnlyList<MeasuredBenchmark> measured = AllocationMeter.Measure(AllocationMeter.TypesOf(typeof(AllocationBudget).Assembly),
            budget.Benchmarks);
        Assert.Empty(budget.Violations(measured));
        Assert.NotEmpty(measured);
    }

    [Fact]
    public void Budget_ExactlyWhatIsAllocated_IsKept() => Assert.Empty(Violations(ObjectBytes, 1, 0));

    [Fact]
    public void Budget_OneByteLess_NamesBenchmarkBudgetAndMeasurement() => Assert.Equal(
        $"{Allocating}[Objects=1]: over its budget. Allowed {ObjectBytes - 1} bytes a call, measured {ObjectBytes}",
        Assert.Single(Violations(ObjectBytes - 1, 1, 0)));

    [Fact]
    public void Budget_OneObjectInAllCalls_IsNotRoundedAway() => Assert.Equal(
        $"{AllocatingSeldom}[Objects=1]: over its budget. Allowed 0 bytes a call, measured 0.024",
        Assert.Single(Violations(ObjectBytes, 0, 0)));

    [Fact]
    public void Budget_BenchmarkWithoutOne_IsAViolation()
    {
        Dictionary<string, long> budget = Budget(ObjectBytes, 1, 0);
        budget.Remove(Frugal);
        Assert.StartsWith($"{Frugal}[Objects=1]: no budget.", Assert.Single(Violations(budget)), StringComparison.Ordinal);
    }

    [Fact]
    public void Budget_WithoutABenchmark_IsAViolation()
    {
        Dictionary<string, long> budget = Budget(ObjectBytes, 1, 0);
        budget.Add("RenamedBenchmarks.Gone", 0);
        Assert.StartsWith("RenamedBenchmarks.Gone: has a budget and is not a benchmark.", Assert.Single(Violations(budget)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "connectionBytes": 1, "benchmarks": { "A.B": 0.5 } }""")]
    [InlineData("""{ "connectionBytes": 1, "benchmarks": {}, "benchmark": {} }""")]
    [InlineData("""{ "benchmarks": {} }""")]
    [InlineData("""{ "connectionBytes": 1 }""")]
    [InlineData("null")]
    public void Read_FileThatIsNoBudget_IsRefused(string text)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            Assert.Throws<JsonException>(() => AllocationBudget.Read(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Measure_BenchmarkWithArguments_IsRefused() =>
        Assert.Throws<NotSupportedException>(
            () => AllocationMeter.Measure([typeof(BenchmarksWithArguments)], new Dictionary<string, long>()));

    [Fact]
    public void TypesOf_Assembly_FindsItsBenchmarks() =>
        Assert.Equal([typeof(AllocatingBenchmarks), typeof(BenchmarksWithArguments)],
            AllocationMeter.TypesOf(typeof(AllocationBudgetTests).Assembly));

    private static IEnumerable<string> Violations(long makeObject, long makeObjectSeldom, long makeNothing) =>
        Violations(Budget(makeObject, makeObjectSeldom, makeNothing));

    private static IEnumerable<string> Violations(Dictionary<string, long> budget) =>
        new AllocationBudget(budget, ConnectionBytes: 0).Violations(AllocationMeter.Measure([typeof(AllocatingBenchmarks)], budget));

    private static Dictionary<string, long> Budget(long makeObject, long makeObjectSeldom, long makeNothing) =>
        new() { [Allocating] = makeObject, [AllocatingSeldom] = makeObjectSeldom, [Frugal] = makeNothing };

    /// <summary>
    /// What the check must find: not part of the repository's own benchmarks, which are looked for in their assembly only.
    /// </summary>
    public class AllocatingBenchmarks
    {
        private int _calls;

        [Params(1)]
        public int Objects { get; set; }

        [GlobalSetup]
        public void Setup() => _calls = Objects;

        [Benchmark]
        public object MakeObject() => new();

        [Benchmark]
        public object? MakeObjectSeldom() => _calls++ % AllocationMeter.Calls == 0 ? new object() : null;

        [Benchmark]
        public int MakeNothing() => Objects;
    }

    public class BenchmarksWithArguments
    {
        [Benchmark, Arguments(1)]
        public int Echo(int value) => value;
    }
}
