using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using FastTcpProxy.Benchmarks.Allocation;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// Runs the micro-benchmarks, from the top of the repository: <c>dotnet run -c Release --project bench/FastTcpProxy.Benchmarks -- --filter
/// '*Header*'</c>. Ends with 1 when a benchmark of the category <see cref="NoAllocation"/> allocated, or did not run.
/// With <c>--check-allocations</c> alone it times nothing and holds every benchmark to bench/allocation-budget.json: 0 when all keep it, 1
/// when one does not. With <c>--networks</c> alone it reports what a million networks take in memory and time, beside HAProxy.
/// </summary>
internal static class Program
{
    /// <summary>The category of what must not allocate a byte.</summary>
    public const string NoAllocation = "no-allocation";

    private const string CheckAllocations = "--check-allocations";

    private const string Networks = "--networks";

    private static int Main(string[] args) =>
        args is [CheckAllocations] ? Check() : args is [Networks] ? NetworkTableReport.Run() : Run(args);

    private static int Check()
    {
        AllocationBudget budget = AllocationBudget.Read(AllocationBudget.DefaultPath);
        IReadOnlyList<MeasuredBenchmark> measured = AllocationMeter.Measure(AllocationMeter.TypesOf(typeof(Program).Assembly),
            budget.Benchmarks);
        string[] violations = [.. budget.Violations(measured)];
        foreach (string violation in violations) Console.Error.WriteLine(violation);
        Console.WriteLine(
            $"{measured.Count} benchmarks measured over {AllocationMeter.Calls} calls each, {violations.Length} violations of the budget");
        return violations.Length == 0 ? 0 : 1;
    }

    private static int Run(string[] args)
    {
        bool failed = false;
        foreach (Summary summary in BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args))
        {
            foreach (BenchmarkReport report in summary.Reports)
            {
                if (!report.BenchmarkCase.Descriptor.HasCategory(NoAllocation)) continue;
                long? allocated = report.Success ? report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) : null;
                if (allocated == 0) continue;
                Console.Error.WriteLine(
                    $"{report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo}: {allocated?.ToString() ?? "unknown"} "
                    + "bytes allocated, expected none");
                failed = true;
            }
        }

        return failed ? 1 : 0;
    }
}
