using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Benchmarks.Allocation;

/// <summary>
/// How many bytes each benchmark may allocate in one call, whatever its parameters are, and how many a connection may:
/// bench/allocation-budget.json. Immutable, any thread.
/// </summary>
/// <param name="Benchmarks">Bytes of a call by "Class.Method".</param>
/// <param name="ConnectionBytes">Managed bytes that the program may allocate for one connection, from its accept to its end.</param>
internal sealed record AllocationBudget(IReadOnlyDictionary<string, long> Benchmarks, long ConnectionBytes)
{
    private static readonly JsonSerializerOptions Syntax = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The file as it was built.</summary>
    public static string DefaultPath => Path.Combine(AppContext.BaseDirectory, "allocation-budget.json");

    /// <exception cref="JsonException">The file is not a budget.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static AllocationBudget Read(string path) =>
        JsonSerializer.Deserialize<AllocationBudget>(File.ReadAllText(path), Syntax)
        ?? throw new JsonException($"{path}: expected an object");

    /// <summary>
    /// What is wrong, one line each; none when every benchmark has a budget and keeps it, and every budget has a benchmark.
    /// </summary>
    public IEnumerable<string> Violations(IReadOnlyCollection<MeasuredBenchmark> measured)
    {
        foreach (MeasuredBenchmark benchmark in measured)
        {
            if (!Benchmarks.TryGetValue(benchmark.Name, out long budget))
                yield return $"{benchmark}: no budget. Add \"{benchmark.Name}\" to allocation-budget.json; measured {benchmark.BytesText}";
            else if (benchmark.Bytes > budget * benchmark.Calls)
                yield return $"{benchmark}: over its budget. Allowed {budget} bytes a call, measured {benchmark.BytesText}";
        }
        foreach (string name in Benchmarks.Keys.Except(measured.Select(b => b.Name)))
            yield return $"{name}: has a budget and is not a benchmark. Remove it from allocation-budget.json, "
                + "or give it the name that the benchmark has now";
    }
}
