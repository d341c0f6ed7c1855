using BenchmarkDotNet.Running;

namespace FastTcpProxy.Benchmarks;

/// <summary>Runs the micro-benchmarks: <c>dotnet run -c Release --project bench/FastTcpProxy.Benchmarks -- --filter '*Header*'</c>.</summary>
internal static class Program
{
    private static void Main(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
