using System.Reflection;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Running;

namespace FastTcpProxy.Benchmarks.Allocation;

/// <summary>
/// Counts exactly what benchmarks allocate, in this process and in moments, where BenchmarkDotNet takes minutes. The benchmarks, their
/// parameters and set-ups are those that BenchmarkDotNet finds. One thread.
/// </summary>
internal static class AllocationMeter
{
    /// <summary>Calls of a round: a benchmark that allocates a byte in a thousand calls is found.</summary>
    public const int Calls = 1_000;

    /// <summary>
    /// Rounds until one keeps the budget. What the code itself allocates it allocates in every round; what the runtime does beside it, and
    /// what code not yet optimized boxes, is gone within the first ones.
    /// </summary>
    private const int RoundsMax = 12;

    /// <summary>Longer together, over all rounds, than the runtime waits before it optimizes in the background (100 ms).</summary>
    private static readonly TimeSpan PauseBetweenRounds = TimeSpan.FromMilliseconds(25);

    /// <summary>All benchmarks of an assembly, in the order of their names.</summary>
    public static IEnumerable<Type> TypesOf(Assembly assembly) => assembly.GetTypes()
        .Where(t => !t.IsAbstract && t.GetMethods().Any(m => m.IsDefined(typeof(BenchmarkAttribute))))
        .OrderBy(t => t.Name, StringComparer.Ordinal);

    /// <summary>Measures each benchmark of the types with each of its parameters.</summary>
    /// <param name="budget">Bytes of a call at which a benchmark need not be measured again, by its name.</param>
    /// <exception cref="NotSupportedException">A benchmark takes arguments or has a set-up for each iteration, which this cannot
    /// do.</exception>
    public static IReadOnlyList<MeasuredBenchmark> Measure(IEnumerable<Type> types, IReadOnlyDictionary<string, long> budget) =>
        [.. types.SelectMany(t => BenchmarkConverter.TypeToBenchmarks(t).BenchmarksCases).Select(c => Measure(c, budget))];

    private static MeasuredBenchmark Measure(BenchmarkCase benchmark, IReadOnlyDictionary<string, long> budget)
    {
        Descriptor descriptor = benchmark.Descriptor;
        string name = $"{descriptor.Type.Name}.{descriptor.WorkloadMethod.Name}";
        if (benchmark.HasArguments || descriptor.IterationSetupMethod is not null || descriptor.IterationCleanupMethod is not null)
            throw new NotSupportedException(
                $"{name}: expected a benchmark without arguments and without a set-up for each iteration; use Params and GlobalSetup");
        object instance = Activator.CreateInstance(descriptor.Type)!;
        foreach (var parameter in benchmark.Parameters.Items)
            descriptor.Type.GetProperty(parameter.Name)!.SetValue(instance, parameter.Value);
        descriptor.GlobalSetupMethod?.Invoke(instance, null);
        try
        {
            long bytes = LeastOf(LoopOver(instance, descriptor.WorkloadMethod), budget.GetValueOrDefault(name) * Calls);
            string parameters = benchmark.HasParameters ? benchmark.Parameters.DisplayInfo : "";
            return new MeasuredBenchmark(name, parameters, bytes, Calls);
        }
        finally
        {
            descriptor.GlobalCleanupMethod?.Invoke(instance, null);
        }
    }

    /// <summary>The least that a round allocated; the first that is at most <paramref name="enough"/> ends it.</summary>
    private static long LeastOf(Action loop, long enough)
    {
        loop();
        long least = long.MaxValue;
        for (int round = 0; round < RoundsMax && least > enough; round++)
        {
            if (round > 0) Thread.Sleep(PauseBetweenRounds);
            long before = GC.GetAllocatedBytesForCurrentThread();
            loop();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }

    /// <summary>A round of calls that itself allocates nothing: without reflection, and without boxing what is returned.</summary>
    private static Action LoopOver(object instance, MethodInfo method)
    {
        if (method.ReturnType == typeof(void)) return Repeat(method.CreateDelegate<Action>(instance));
        MethodInfo loop = typeof(AllocationMeter).GetMethod(nameof(LoopOverFunction), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (Action)loop.MakeGenericMethod(method.ReturnType).Invoke(null, [instance, method])!;
    }

    private static Action LoopOverFunction<T>(object instance, MethodInfo method)
    {
        Func<T> call = method.CreateDelegate<Func<T>>(instance);
        Result<T> result = new();
        // Kept, or the compiler might see that no one wants it and not make it at all.
        return Repeat(() => result.Value = call());
    }

    private static Action Repeat(Action call) => () =>
    {
        for (int i = 0; i < Calls; i++) call();
    };

    private sealed class Result<T>
    {
        public T? Value { get; set; }
    }
}
