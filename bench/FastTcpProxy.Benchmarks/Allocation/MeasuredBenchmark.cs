using System.Globalization;

namespace FastTcpProxy.Benchmarks.Allocation;

/// <summary>What one benchmark allocated. Immutable.</summary>
/// <param name="Name">"Class.Method".</param>
/// <param name="Parameters">"[A=1, B=2]", or nothing.</param>
/// <param name="Bytes">In all calls together.</param>
/// <param name="Calls">Above zero.</param>
internal sealed record MeasuredBenchmark(string Name, string Parameters, long Bytes, int Calls)
{
    /// <summary>With fractions: a byte in one of a thousand calls is not rounded away.</summary>
    public string BytesText => ((double)Bytes / Calls).ToString("0.###", CultureInfo.InvariantCulture);

    public override string ToString() => Name + Parameters;
}
