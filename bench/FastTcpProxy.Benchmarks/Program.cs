using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// Runs the micro-benchmarks, from the top of the repository: <c>dotnet run -c Release --project bench/FastTcpProxy.Benchmarks -- --filter '*Header*'</c>.
/// Ends with 1 when a benchmark of the category <see cref="NoAllocation"/> allocated, or did not run.
/// </summary>
internal static class Program
{
    /// <summary>The category of what must not allocate a byte.</summary>
    public const string NoAllocation = "no-allocation";

    private static int Main(string[] args)
    {
        bool failed = false;
        foreach (Summary summary in BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args))
        {
            foreach (BenchmarkReport report in summary.Reports)
            {
                if (!report.BenchmarkCase.Descriptor.HasCategory(NoAllocation)) continue;
                long? allocated = report.Success ? report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) : null;
                if (allocated == 0) continue;
                Console.Error.WriteLine($"{report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo}: {allocated?.ToString() ?? "unknown"} bytes allocated, expected none");
                failed = true;
            }
        }

        return failed ? 1 : 0;
    }
}
