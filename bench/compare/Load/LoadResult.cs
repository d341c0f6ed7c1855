using System.Text.Json.Serialization;

namespace FastTcpProxy.Compare.Load;

/// <summary>What a load did in its measured window. Immutable. A load process prints it as one line of JSON.</summary>
public sealed record LoadResult
{
    /// <summary>The length of the window.</summary>
    public required double Seconds { get; init; }

    /// <summary>Connections or round trips.</summary>
    public long Operations { get; init; }

    public long Bytes { get; init; }

    /// <summary>
    /// Connections that broke, wrong headers, wrong bytes, and arrivals without an answer; of the whole run, not only of the window.
    /// </summary>
    public long Errors { get; init; }

    /// <summary>What the first error was.</summary>
    public string? FirstError { get; init; }

    /// <summary>CPU seconds of the proxy's processes.</summary>
    public double ProxyCpuSeconds { get; init; }

    /// <summary>CPU seconds of the load process.</summary>
    public double LoadCpuSeconds { get; init; }

    /// <summary>How many load processes this is the sum of.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>Connections that are held open.</summary>
    public int Held { get; init; }

    /// <summary>
    /// Open model: nanoseconds from the intended start to the answer, and how often; the values as HdrHistogram keeps them.
    /// </summary>
    public long[][]? Latencies { get; init; }

    /// <summary>Open model: by how many nanoseconds 99 in 100 starts were late at most, for which the load alone is to blame.</summary>
    public long LatenessP99Ns { get; init; }

    [JsonIgnore]
    public double OperationsPerSecond => Operations / Seconds;

    /// <summary>CPUs that the proxy was busy on.</summary>
    [JsonIgnore]
    public double ProxyUtilization => ProxyCpuSeconds / Seconds;

    /// <summary>CPUs that one load process was busy on, at most about 1.</summary>
    [JsonIgnore]
    public double LoadUtilization => LoadCpuSeconds / Seconds / Processes;

    /// <summary>
    /// The sum of the load processes of one run. Each reads the proxy's clock over its own window; the windows begin and end together, but
    /// for the time that a process waits for a CPU.
    /// </summary>
    public static LoadResult Sum(IReadOnlyList<LoadResult> parts)
    {
        if (parts.Count == 1) return parts[0];
        return new()
        {
            Seconds = parts.Average(p => p.Seconds),
            Operations = parts.Sum(p => p.Operations),
            Bytes = parts.Sum(p => p.Bytes),
            Errors = parts.Sum(p => p.Errors),
            FirstError = parts.Select(p => p.FirstError).FirstOrDefault(e => e is not null),
            ProxyCpuSeconds = parts.Average(p => p.ProxyCpuSeconds),
            LoadCpuSeconds = parts.Sum(p => p.LoadCpuSeconds),
            Processes = parts.Count,
            Held = parts.Sum(p => p.Held),
            Latencies = [.. parts.SelectMany(p => p.Latencies ?? [])],
            LatenessP99Ns = parts.Max(p => p.LatenessP99Ns),
        };
    }
}

/// <summary>How results are written and read, without reflection.</summary>
[JsonSerializable(typeof(LoadResult))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class LoadJson : JsonSerializerContext;
